//! What was answered to a mutation that was sent with an idempotency key.

use sea_orm::entity::prelude::*;

/// A row of `idempotency_keys`; its id is made of the token and the key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    /// The hash of what was asked for.
    pub fingerprint: String,
    pub created_at: DateTimeUtc,
    /// When whoever executes it began.
    pub claimed_at: DateTimeUtc,
    /// The answer; none while it is executed.
    pub answer_sealed: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
