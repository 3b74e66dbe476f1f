//! Disputes: a payment can have several.

use sea_orm::entity::prelude::*;

/// A row of `disputes`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disputes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    pub stripe_id: String,
    /// The payment's row id, also before that row is imported.
    pub payment_id: Option<Uuid>,
    pub status: String,
    pub currency: String,
    pub amount_minor: i64,
    pub reason: String,
    pub network_reason_code: Option<String>,
    pub evidence_due_by: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub observed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
