//! What was done to a workspace's connections and tokens, and by which token; only ever appended.

use sea_orm::entity::prelude::*;

/// A row of `audit_log`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub at: DateTimeUtc,
    /// What happened, e.g. `connection.connected`.
    pub action: String,
    /// The token that asked for it; none where the operator or the gateway itself did, or a user of the
    /// host application, whom `detail.actor` names.
    pub token_id: Option<Uuid>,
    /// The row that it happened to.
    pub subject_id: Uuid,
    /// Facts worth keeping, never a secret.
    pub detail: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
