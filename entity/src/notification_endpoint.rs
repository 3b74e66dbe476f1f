//! Notification endpoints: where partners want to be told what happens.

use sea_orm::entity::prelude::*;

/// Whether messages are sent there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// They are.
    #[sea_orm(string_value = "enabled")]
    Enabled,
    /// They are not, and nothing is kept for later.
    #[sea_orm(string_value = "disabled")]
    Disabled,
    /// It is gone for its users; its deliveries are being removed.
    #[sea_orm(string_value = "deleted")]
    Deleted,
}

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum DisabledReason {
    /// Its owner wanted it.
    #[sea_orm(string_value = "by_user")]
    ByUser,
    /// It answered 410 Gone.
    #[sea_orm(string_value = "gone")]
    Gone,
    /// Nothing has arrived there for days.
    #[sea_orm(string_value = "failing")]
    Failing,
}

/// A row of `notification_endpoints`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_endpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub url: String,
    pub description: Option<String>,
    /// What it is told of: a list of event types.
    pub event_types: Json,
    /// The connections that it is told of, a list of ids; none for all.
    pub connections: Option<Json>,
    pub state: State,
    pub disabled_reason: Option<DisabledReason>,
    pub disabled_at: Option<DateTimeUtc>,
    /// What signs; none once it is deleted.
    pub secret_sealed: Option<Vec<u8>>,
    /// What signs beside it until `old_secret_until`.
    pub old_secret_sealed: Option<Vec<u8>>,
    pub old_secret_until: Option<DateTimeUtc>,
    /// Since when every attempt failed; none after one that did not.
    pub failing_since: Option<DateTimeUtc>,
    /// Until when it asked to be left alone.
    pub paused_until: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
