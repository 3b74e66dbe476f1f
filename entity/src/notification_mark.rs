//! Payments that partners are to be told of: whoever changes some says so here, where an endpoint wants to know.

use sea_orm::entity::prelude::*;

/// A row of `notification_marks`: written by a transaction that changes payments, and deleted with the message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_marks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    /// Their row ids, 16 bytes each; none where it may be any of the connection.
    pub payments: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
