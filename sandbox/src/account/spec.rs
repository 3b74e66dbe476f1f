//! What an account is made from.

use chrono::{DateTime, TimeZone, Utc};

use crate::seed::History;

/// The wish for an account; what is not said has a default.
#[derive(Clone, Debug)]
pub struct AccountSpec {
    /// Live or test mode; keys follow it.
    pub livemode: bool,
    /// How many payments (charges) it has; refunds, disputes and intents come on top.
    pub payments: usize,
    /// The seed of everything in it.
    pub seed: u64,
    /// The begin of its history.
    pub from: DateTime<Utc>,
    /// The end of its history; payments close to it are the unsettled ones.
    pub to: DateTime<Utc>,
    /// How the payments lie in time.
    pub shape: History,
    /// The two letters of its country, which decide the settlement currency.
    pub country: String,
    /// The name in Stripe's dashboard.
    pub display_name: String,
    /// Whether `GET /v1/account` can work at all; some accounts refuse it whatever the key.
    pub can_read_account: bool,
    /// Whether Stripe Support enabled BIN and bank name on its cards, so that every card shows them.
    pub card_details_enabled: bool,
    /// The account's own version, in which its events are listed; merchants' are often years old.
    pub api_version: String,
}

impl Default for AccountSpec {
    fn default() -> Self {
        let day = |year| Utc.timestamp_opt(year, 0).single().unwrap_or_default();
        Self {
            livemode: false,
            payments: 0,
            seed: 1,
            from: day(1_698_796_800), // 2023-11-01
            to: day(1_793_491_200),   // 2026-11-01
            shape: History::Realistic,
            country: "US".to_owned(),
            display_name: "Sandbox Shop".to_owned(),
            can_read_account: true,
            card_details_enabled: false,
            api_version: "2024-06-20".to_owned(),
        }
    }
}

impl AccountSpec {
    /// An account with this many payments and every other default.
    #[must_use]
    pub fn with_payments(payments: usize) -> Self {
        Self {
            payments,
            ..Self::default()
        }
    }

    /// Puts it into live mode.
    #[must_use]
    pub fn live(self) -> Self {
        Self {
            livemode: true,
            ..self
        }
    }

    /// Takes another seed.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets the span of its history.
    #[must_use]
    pub fn between(self, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { from, to, ..self }
    }

    /// Sets how its payments lie in time.
    #[must_use]
    pub fn shape(self, shape: History) -> Self {
        Self { shape, ..self }
    }

    /// Sets its country.
    #[must_use]
    pub fn country(self, country: &str) -> Self {
        Self {
            country: country.to_owned(),
            ..self
        }
    }

    /// Sets its name.
    #[must_use]
    pub fn display_name(self, name: &str) -> Self {
        Self {
            display_name: name.to_owned(),
            ..self
        }
    }

    /// Makes `GET /v1/account` refuse whatever the key.
    #[must_use]
    pub fn without_account_access(self) -> Self {
        Self {
            can_read_account: false,
            ..self
        }
    }

    /// Shows BIN and bank name on every card.
    #[must_use]
    pub fn with_card_details(self) -> Self {
        Self {
            card_details_enabled: true,
            ..self
        }
    }

    /// Sets its own version.
    #[must_use]
    pub fn api_version(self, version: &str) -> Self {
        Self {
            api_version: version.to_owned(),
            ..self
        }
    }
}
