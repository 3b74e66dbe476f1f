//! Windows: spans of creation time of one resource, the unit of an import's work.

use sea_orm::entity::prelude::*;

/// Where a window stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// Waits to be claimed, not before `run_at`.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// Claimed until `lease_until`; whoever claims it after that has a higher fence.
    #[sea_orm(string_value = "running")]
    Running,
    #[sea_orm(string_value = "done")]
    Done,
    /// Left out: the credentials do not grant the resource.
    #[sea_orm(string_value = "skipped")]
    Skipped,
    /// Given up with its import.
    #[sea_orm(string_value = "abandoned")]
    Abandoned,
}

/// A row of `import_windows`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_windows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub import_id: Uuid,
    pub connection_id: Uuid,
    /// The name of the resource, e.g. `charges`.
    pub resource: String,
    /// Which resource goes first.
    pub rank: i32,
    pub state: State,
    /// The span is `[from_at, to_at)`; a window without a start reaches back to the oldest object.
    pub from_at: Option<DateTimeUtc>,
    pub to_at: DateTimeUtc,
    /// The Stripe id after which the next page starts.
    pub cursor: Option<String>,
    /// `[covered_to, to_at)` is imported.
    pub covered_to: DateTimeUtc,
    pub imported_objects: i64,
    /// Failed tries since the last page that worked.
    pub attempts: i32,
    pub run_at: DateTimeUtc,
    pub lease_owner: Option<Uuid>,
    pub lease_until: Option<DateTimeUtc>,
    /// Rises with each claim: a write that quotes an older one is refused.
    pub fence: i64,
    /// What there is to say of it, in plain words.
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::import::Entity",
        from = "Column::ImportId",
        to = "super::import::Column::Id"
    )]
    Import,
}

impl Related<super::import::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Import.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
