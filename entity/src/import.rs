//! Imports: one run each, and the log of all runs.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    #[sea_orm(string_value = "queued")]
    Queued,
    #[sea_orm(string_value = "running")]
    Running,
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    #[sea_orm(string_value = "failed")]
    Failed,
    #[sea_orm(string_value = "canceled")]
    Canceled,
}

/// What started an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Trigger {
    #[sea_orm(string_value = "connected")]
    Connected,
    #[sea_orm(string_value = "requested")]
    Requested,
    #[sea_orm(string_value = "catch_up")]
    CatchUp,
}

/// A row of `imports`. At most one import of a connection is queued or running.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    pub trigger: Trigger,
    pub status: Status,
    /// The span of creation times asked for, `[from_at, to_at)`; an open start is none.
    pub from_at: Option<DateTimeUtc>,
    pub to_at: DateTimeUtc,
    /// Whether every resource was asked for: only such a run moves `synced_through`.
    pub every_resource: bool,
    /// Rises by one with each change of anything that progress shows.
    pub sequence: i64,
    pub imported_payments: i64,
    pub imported_objects: i64,
    /// The percentages that were shown so far, as JSON: they never fall.
    pub shown: Option<String>,
    /// What the import is struggling with, in plain words.
    pub trouble: Option<String>,
    pub failure_code: Option<String>,
    pub failure_message: Option<String>,
    pub failure_retryable: Option<bool>,
    pub queued_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(has_many = "super::import_window::Entity")]
    Windows,
}

impl Related<super::import_window::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Windows.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
