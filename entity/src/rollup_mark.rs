//! Hours whose rollups are not what their payments come to: whoever changes payments says so here.

use sea_orm::entity::prelude::*;

/// A row of `rollup_marks`: written by each transaction that changes payments or what hangs on them, and deleted once
/// the rollups hold what it changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollup_marks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    /// Spans of hours since 1970 in UTC, the end excluded: `[[from, until], …]`.
    pub hours: Json,
    /// Payments by their row ids, where only these are known and not their hours.
    pub payments: Json,
    /// When the newest of what was changed was true at Stripe.
    pub observed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
