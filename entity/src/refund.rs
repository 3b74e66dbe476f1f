//! Refunds, each of one payment.

use sea_orm::entity::prelude::*;

/// A row of `refunds`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refunds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    pub stripe_id: String,
    /// The payment's row id, also before that row is imported; none where Stripe names no charge.
    pub payment_id: Option<Uuid>,
    pub status: String,
    pub currency: String,
    pub amount_minor: i64,
    pub reason: Option<String>,
    pub failure_reason: Option<String>,
    pub balance_transaction_id: Option<String>,
    pub created_at: DateTimeUtc,
    pub observed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
