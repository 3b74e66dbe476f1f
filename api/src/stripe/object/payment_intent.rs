//! A payment as a whole, with all its attempts.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lenient;

/// A payment intent (Stripe contract sections 7.1 and 7.2); its client secret is not read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PaymentIntent {
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    pub livemode: bool,
    pub status: String,
    pub amount: i64,
    #[serde(default)]
    pub amount_received: i64,
    pub currency: String,
    #[serde(default, deserialize_with = "lenient::id")]
    pub customer: Option<String>,
    pub description: Option<String>,
    /// The newest attempt, not by definition the successful one.
    #[serde(default, deserialize_with = "lenient::id")]
    pub latest_charge: Option<String>,
    pub capture_method: Option<String>,
    /// Unix seconds.
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<String>,
    /// Why the last attempt failed; attempts that never made a charge are known only from here.
    #[serde(default, deserialize_with = "lenient::object")]
    pub last_payment_error: Option<PaymentError>,
    #[serde(default, deserialize_with = "lenient::metadata")]
    pub metadata: BTreeMap<String, String>,
}

/// The failure of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct PaymentError {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub network_decline_code: Option<String>,
    pub network_advice_code: Option<String>,
    pub advice_code: Option<String>,
    pub message: Option<String>,
    #[serde(deserialize_with = "lenient::id")]
    pub charge: Option<String>,
}
