//! Why a charge went as it did.

use serde::Deserialize;

use super::lenient;

/// The judgement of the networks and of Radar (Stripe contract section 7.6).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// `authorized`, `issuer_declined`, `blocked`, …
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub network_status: Option<String>,
    /// For issuer declines the decline code, which the charge itself does not have.
    pub reason: Option<String>,
    pub risk_level: Option<String>,
    /// 0 to 100, only with Radar for Fraud Teams.
    #[serde(deserialize_with = "lenient::small_number")]
    pub risk_score: Option<i32>,
    /// For the merchant, not for the buyer.
    pub seller_message: Option<String>,
    pub network_decline_code: Option<String>,
    pub network_advice_code: Option<String>,
    pub advice_code: Option<String>,
}
