//! Objects that no list of Stripe's has, known because an imported object names them: sources and tokens.

use sea_orm::entity::prelude::*;

/// A row of `stripe_references`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stripe_references")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    /// The name of the resource that the object is of.
    pub resource: String,
    pub stripe_id: String,
    /// When Stripe was asked for it last, and answered; its answer may be that there is no such object.
    pub fetched_at: Option<DateTimeUtc>,
    /// When an object that names it was true at Stripe.
    pub observed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
