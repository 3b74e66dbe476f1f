//! The other resources of an account: what we keep of each, as JSON.

use sea_orm::entity::prelude::*;

/// A row of `stripe_objects`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stripe_objects")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    /// Stripe's `object`, e.g. `payment_intent`.
    pub kind: String,
    pub stripe_id: String,
    /// Only the fields that analytics needs: no secrets, no personal data.
    pub body: Json,
    pub created_at: DateTimeUtc,
    pub observed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
