//! What is done for a connection again and again, by one process at a time.

use sea_orm::entity::prelude::*;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    /// Apply the events of the inbox.
    #[sea_orm(string_value = "apply")]
    Apply,
    /// Look for events that never arrived.
    #[sea_orm(string_value = "recover")]
    Recover,
    /// Read which payments are in which payout.
    #[sea_orm(string_value = "payouts")]
    Payouts,
    /// Ask for fees that no event told of.
    #[sea_orm(string_value = "fees")]
    Fees,
    /// List again what no event tells of.
    #[sea_orm(string_value = "relist")]
    Relist,
    /// Sum payments up again whose sums changed.
    #[sea_orm(string_value = "roll_up")]
    RollUp,
    /// Tell partners which payments changed.
    #[sea_orm(string_value = "tell")]
    Tell,
}

/// A row of `connection_tasks`: one for each connection and kind. Its id follows from both.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connection_tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    pub kind: Kind,
    pub run_at: DateTimeUtc,
    /// Recovery: events since then may be missing; none where nothing speaks for it.
    pub since_at: Option<DateTimeUtc>,
    /// Until when everything was seen that this looks for: events of recovery, fees that are late, what is listed again.
    pub through_at: Option<DateTimeUtc>,
    /// Failed tries since the last one that worked.
    pub attempts: i32,
    pub lease_owner: Option<Uuid>,
    pub lease_until: Option<DateTimeUtc>,
    /// Rises with each claim: a write that quotes an older one is refused.
    pub fence: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::connection::Entity",
        from = "Column::ConnectionId",
        to = "super::connection::Column::Id"
    )]
    Connection,
}

impl ActiveModelBehavior for ActiveModel {}
