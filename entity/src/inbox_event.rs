//! The inbox: events as Stripe sent them, or as they were found missing.

use sea_orm::entity::prelude::*;

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// Waits to be applied, not before `run_at`.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// What it tells, or something newer, is stored.
    #[sea_orm(string_value = "applied")]
    Applied,
    /// Nothing here is interested in it; `reason` says why.
    #[sea_orm(string_value = "ignored")]
    Ignored,
    /// Could not be applied, `attempts` times; `reason` says why.
    #[sea_orm(string_value = "dead")]
    Dead,
}

/// A row of `inbox_events`. Its id follows from the connection and the event's id, so an event is there once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    /// The event's id, `evt_…`.
    pub stripe_id: String,
    /// E.g. `charge.succeeded`.
    pub event_type: String,
    /// Stripe's `object` of what the event is about, e.g. `charge`.
    pub object_kind: String,
    /// The id of what the event is about.
    pub object_id: String,
    /// The JSON of it as the event holds it; none where it is to be fetched, and forgotten once the event is settled,
    /// since it may hold personal data.
    pub object: Option<String>,
    /// The version in which the object is written.
    pub api_version: Option<String>,
    pub state: State,
    /// Failed tries to apply it.
    pub attempts: i32,
    pub reason: Option<String>,
    /// When Stripe made the event, in whole seconds.
    pub created_at: DateTimeUtc,
    pub received_at: DateTimeUtc,
    pub run_at: DateTimeUtc,
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
