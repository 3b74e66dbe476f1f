//! Payments: Stripe charges, with what filters, orders and charts need as columns.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What became of a payment (Stripe contract section 7.3).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    /// Also what stands in a row of which this was not read.
    #[default]
    #[sea_orm(string_value = "pending")]
    Pending,
    #[sea_orm(string_value = "failed")]
    Failed,
    #[sea_orm(string_value = "requires_capture")]
    RequiresCapture,
    #[sea_orm(string_value = "canceled")]
    Canceled,
}

/// A row of `payments`. Its id follows from the connection and the Stripe id.
#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    pub stripe_id: String,
    pub payment_intent_id: Option<String>,
    pub status: Status,
    pub livemode: bool,
    pub created_at: DateTimeUtc,
    /// When what stands here was true at Stripe; an older observation never replaces a newer one.
    pub observed_at: DateTimeUtc,

    pub currency: String,
    pub amount_minor: i64,
    /// The amount in thousandths of the major unit: orders and compares across currencies.
    pub amount_thousandths: i64,
    pub amount_captured_minor: i64,
    pub amount_refunded_minor: i64,
    pub disputed: bool,

    pub balance_transaction_id: Option<String>,
    pub settlement_currency: Option<String>,
    pub fee_minor: Option<i64>,
    pub net_minor: Option<i64>,
    pub exchange_rate: Option<String>,
    pub payout_id: Option<String>,

    pub customer_id: Option<String>,
    pub customer_country: Option<String>,
    pub customer_postal_code: Option<String>,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    pub stored_credential: Option<String>,
    pub metadata: Json,

    pub method_type: String,
    pub card_brand: Option<String>,
    pub card_network: Option<String>,
    pub card_last4: Option<String>,
    pub card_bin: Option<String>,
    pub card_issuer: Option<String>,
    pub card_country: Option<String>,
    pub card_funding: Option<String>,
    pub card_exp_month: Option<i32>,
    pub card_exp_year: Option<i32>,
    pub card_fingerprint: Option<String>,
    pub card_wallet: Option<String>,
    pub three_d_secure_result: Option<String>,
    pub three_d_secure_version: Option<String>,
    pub three_d_secure_flow: Option<String>,
    pub check_address_line1: Option<String>,
    pub check_postal_code: Option<String>,
    pub check_cvc: Option<String>,
    pub network_transaction_id: Option<String>,

    pub outcome_network_status: Option<String>,
    pub outcome_type: Option<String>,
    pub outcome_reason: Option<String>,
    pub outcome_seller_message: Option<String>,
    pub risk_level: Option<String>,
    pub risk_score: Option<i32>,
    pub failure_code: Option<String>,
    pub failure_message: Option<String>,
    pub decline_code: Option<String>,
    pub network_decline_code: Option<String>,
    pub network_advice_code: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
