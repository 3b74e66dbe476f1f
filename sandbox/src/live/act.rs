//! The acts.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::resource::Resource;

/// Something that happens to an account; each one makes the events that Stripe would make.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// An intent is made: `payment_intent.created`.
    Begin(PaymentSpec),
    /// A payment goes through; its fees are not known yet: `charge.succeeded`, `payment_intent.succeeded`.
    Pay(PaymentSpec),
    /// A payment is authorised only: `charge.succeeded`, `payment_intent.amount_capturable_updated`.
    PayLater(PaymentSpec),
    /// A payment is declined: `charge.failed`, `payment_intent.payment_failed`.
    Fail(PaymentSpec),
    /// A bank debit is on its way: `charge.pending`, `payment_intent.processing`.
    PayByDebit(PaymentSpec),
    /// An intent that was not paid is given up: `payment_intent.canceled`.
    Cancel(String),
    /// An authorised charge is captured whole: `charge.captured`, `payment_intent.succeeded`.
    Capture(String),
    /// An authorised charge expires: `charge.expired`, `payment_intent.canceled`.
    Expire(String),
    /// The balance transaction of a captured charge appears: `charge.updated`.
    SettleFees(String),
    /// A debit arrives or does not: `charge.succeeded` or `charge.failed`, and the intent's twin.
    ClearDebit {
        /// The pending charge.
        charge: String,
        /// Whether the money came.
        paid: bool,
    },
    /// The bank takes an arrived debit back: `charge.failed`, `payment_intent.payment_failed`.
    ReturnDebit(String),
    /// A charge is refunded: `refund.created`, `charge.refunded`.
    Refund {
        /// The captured charge.
        charge: String,
        /// How much; everything that is left when not said.
        #[serde(default)]
        amount: Option<i64>,
    },
    /// A refund fails afterwards: `refund.updated`, `refund.failed`, `charge.updated`.
    FailRefund(String),
    /// A charge is disputed: `charge.dispute.created`, `charge.dispute.funds_withdrawn`, `charge.updated`.
    Dispute(String),
    /// A dispute ends: `charge.dispute.closed`, and `charge.dispute.funds_reinstated` when it was won.
    CloseDispute {
        /// The open dispute.
        dispute: String,
        /// Whether the merchant won.
        won: bool,
    },
    /// Any object is made or changed, and an event of this type tells of it.
    Change {
        /// What it is.
        resource: Resource,
        /// Its id; a new object where there is none of it, or where it is not said.
        #[serde(default)]
        id: Option<String>,
        /// The event, as `payout.paid`; after `product.deleted` the object is gone.
        event_type: String,
        /// What is merged into the object; null takes a field's value away.
        #[serde(default)]
        change: Value,
    },
}

/// The wish for a payment; what is not said is drawn.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PaymentSpec {
    /// In the smallest unit.
    pub amount: Option<i64>,
    /// One of those that seeded accounts have, in lower case.
    pub currency: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What the merchant keeps with it.
    pub metadata: Map<String, Value>,
    /// An intent that was begun or failed, to be paid now; amount and currency are its own.
    pub intent: Option<String>,
}

impl PaymentSpec {
    /// A payment of this amount.
    #[must_use]
    pub fn of(amount: i64, currency: &str) -> Self {
        Self {
            amount: Some(amount),
            currency: Some(currency.to_owned()),
            ..Self::default()
        }
    }

    /// Another attempt at this intent.
    #[must_use]
    pub fn again(intent: &str) -> Self {
        Self {
            intent: Some(intent.to_owned()),
            ..Self::default()
        }
    }
}

/// What came of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Acted {
    /// The id of what was made or changed: of a payment its charge, else the intent, refund, dispute or object.
    pub id: String,
    /// The intent of the payment it belongs to.
    pub payment_intent: Option<String>,
    /// The ids of its events, in their order.
    pub events: Vec<String>,
}

/// An act that cannot be; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible(pub(super) String);

impl fmt::Display for Impossible {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Impossible {}

impl Impossible {
    pub(crate) fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl Act {
    /// Whether the merchant or a buyer asked for it, rather than Stripe or a bank.
    pub(super) fn is_requested(&self) -> bool {
        !matches!(
            self,
            Self::Expire(_)
                | Self::SettleFees(_)
                | Self::ClearDebit { .. }
                | Self::ReturnDebit(_)
                | Self::FailRefund(_)
                | Self::Dispute(_)
                | Self::CloseDispute { .. }
        )
    }
}
