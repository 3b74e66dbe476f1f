//! The files of exports, in compressed parts.

use sea_orm::entity::prelude::*;

/// A row of `payment_export_chunks`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_export_chunks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub export_id: Uuid,
    /// From 0, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub workspace_id: Uuid,
    /// Blocks of a deflate stream (RFC 1951) that stand for themselves and end with a whole byte.
    pub content: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
