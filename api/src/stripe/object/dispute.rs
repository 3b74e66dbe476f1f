//! A payment that a buyer contests.

use serde::{Deserialize, Deserializer};

use super::{BalanceTransaction, lenient};

/// A dispute or an inquiry (Stripe contract section 7.3); the evidence is not read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Dispute {
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    pub livemode: bool,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub reason: String,
    pub network_reason_code: Option<String>,
    /// Unix seconds; none when nothing can be answered any more.
    #[serde(default, rename = "evidence_details", deserialize_with = "due_by")]
    pub evidence_due_by: Option<i64>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub charge: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub payment_intent: Option<String>,
    /// The withdrawal and, after a dispute was won, its return; included without expanding.
    #[serde(default, deserialize_with = "lenient::list")]
    pub balance_transactions: Vec<BalanceTransaction>,
}

fn due_by<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    struct Details {
        due_by: Option<i64>,
    }
    let details: Option<Details> = lenient::object(deserializer)?;
    Ok(details.and_then(|details| details.due_by))
}
