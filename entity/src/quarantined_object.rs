//! Objects that could not be understood, set aside with the reason; an import goes on without them.

use sea_orm::entity::prelude::*;

/// A row of `quarantined_objects`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quarantined_objects")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    /// The name of the resource whose list held it.
    pub resource: String,
    pub stripe_id: Option<String>,
    /// What was wrong with it; names fields, never values.
    pub reason: String,
    /// Stripe's id of the answer it came in, for their support.
    pub request_id: Option<String>,
    pub observed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
