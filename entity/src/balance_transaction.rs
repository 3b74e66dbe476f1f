//! Balance transactions: Stripe's ledger, where fees and settlement amounts stand.

use sea_orm::entity::prelude::*;

/// A row of `balance_transactions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "balance_transactions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    pub stripe_id: String,
    /// Stripe's `type`, e.g. `charge`.
    pub kind: String,
    pub reporting_category: Option<String>,
    pub status: Option<String>,
    /// The settlement currency.
    pub currency: String,
    pub amount_minor: i64,
    pub fee_minor: i64,
    pub net_minor: i64,
    /// The charge amount times this is the settlement amount; exact decimal.
    pub exchange_rate: Option<String>,
    pub fee_details: Json,
    /// The Stripe id of what moved the money.
    pub source_id: Option<String>,
    /// The payout that it is part of, once that payout's list was read.
    pub payout_id: Option<String>,
    pub available_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub observed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
