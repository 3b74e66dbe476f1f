//! Money given back.

use serde::Deserialize;

use super::{BalanceTransaction, Expandable, lenient};

/// A refund (Stripe contract section 7.3); it does not tell its mode.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Refund {
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    pub amount: i64,
    pub currency: String,
    /// A succeeded refund can still become `failed`; null on some old ones.
    pub status: Option<String>,
    /// `expired_uncaptured_charge` is no refund to a customer.
    pub reason: Option<String>,
    pub failure_reason: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub charge: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub payment_intent: Option<String>,
    pub balance_transaction: Option<Expandable<BalanceTransaction>>,
    pub failure_balance_transaction: Option<Expandable<BalanceTransaction>>,
}
