//! What Stripe's ledger says of money that moved.

use serde::Deserialize;

use super::lenient;

/// An entry of the ledger (Stripe contract section 7.5); it does not tell its mode.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BalanceTransaction {
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    /// Unix seconds.
    pub available_on: i64,
    /// Gross, signed, in the settlement currency.
    pub amount: i64,
    pub fee: i64,
    pub net: i64,
    /// The settlement currency, lower-case.
    pub currency: String,
    /// Amount of the charge times rate is the amount here; none when nothing was converted.
    pub exchange_rate: Option<f64>,
    /// `pending` or `available`.
    pub status: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub reporting_category: Option<String>,
    /// The charge, refund, dispute or payout that moved the money.
    #[serde(default, deserialize_with = "lenient::id")]
    pub source: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub fee_details: Vec<FeeDetail>,
}

/// A part of the fee.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FeeDetail {
    pub amount: i64,
    pub currency: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub description: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub application: Option<String>,
}

impl super::Expandable<BalanceTransaction> {
    /// The id, expanded or not.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(transaction) => &transaction.id,
        }
    }
}
