//! The account behind a credential.

use serde::{Deserialize, Deserializer};

use super::object::lenient;

/// What is shown of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    /// ISO code of the country.
    pub country: Option<String>,
    /// Lower-case ISO code of the currency that Stripe settles in by default.
    pub default_currency: Option<String>,
    /// The name by which the merchant knows the account.
    pub display_name: Option<String>,
}

/// What a balance tells of its credential; the amounts are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Balance {
    /// The mode that the credential really has.
    pub livemode: bool,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    country: Option<String>,
    default_currency: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    settings: Option<Settings>,
    #[serde(default, deserialize_with = "lenient::object")]
    business_profile: Option<BusinessProfile>,
}

#[derive(Default, Deserialize)]
struct Settings {
    #[serde(default, deserialize_with = "lenient::object")]
    dashboard: Option<Dashboard>,
}

#[derive(Default, Deserialize)]
struct Dashboard {
    display_name: Option<String>,
}

#[derive(Default, Deserialize)]
struct BusinessProfile {
    name: Option<String>,
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let dashboard = wire.settings.and_then(|settings| settings.dashboard);
        let names = [
            dashboard.and_then(|dashboard| dashboard.display_name),
            wire.business_profile.and_then(|profile| profile.name),
        ];
        let display_name = names
            .into_iter()
            .flatten()
            .find(|name| !name.trim().is_empty());
        Ok(Self {
            id: wire.id,
            country: wire.country,
            default_currency: wire.default_currency,
            display_name,
        })
    }
}
