//! Idempotency keys: who executes a mutation, and what the others are answered.

use chrono::{DateTime, Utc};
use entity::idempotency_key::{Column, Entity};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::{IdempotencyKeyRow, StorageError, Store};
use crate::ids::WorkspaceId;

impl Store {
    /// Claims a key for whoever made the row; none where that succeeded, else the row that was there first. A claim made
    /// before `given_up` whose answer never came is taken over by the same request.
    pub async fn claim_idempotency_key(
        &self,
        row: IdempotencyKeyRow,
        given_up: DateTime<Utc>,
    ) -> Result<Option<IdempotencyKeyRow>, StorageError> {
        let added = Entity::insert(row.clone().into_active_model())
            .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
            .exec_without_returning(&self.writer)
            .await?;
        if added > 0 {
            return Ok(None);
        }
        let taken_over = Entity::update_many()
            .col_expr(Column::ClaimedAt, Expr::value(row.claimed_at))
            .filter(Column::Id.eq(row.id))
            .filter(Column::WorkspaceId.eq(row.workspace_id))
            .filter(Column::Fingerprint.eq(&row.fingerprint))
            .filter(Column::AnswerSealed.is_null())
            .filter(Column::ClaimedAt.lt(given_up))
            .exec(&self.writer)
            .await?;
        if taken_over.rows_affected > 0 {
            return Ok(None);
        }
        let there = Entity::find_by_id(row.id)
            .filter(Column::WorkspaceId.eq(row.workspace_id))
            .one(&self.writer)
            .await?;
        // It may have been forgotten in between: whoever asks again claims it.
        Ok(Some(there.unwrap_or(row)))
    }

    /// Stores the answer for as long as the key is kept; nothing where the claim was taken over.
    pub async fn answer_idempotency_key(
        &self,
        row: &IdempotencyKeyRow,
        answer_sealed: Vec<u8>,
    ) -> Result<(), StorageError> {
        Entity::update_many()
            .col_expr(Column::AnswerSealed, Expr::value(answer_sealed))
            .filter(Column::Id.eq(row.id))
            .filter(Column::WorkspaceId.eq(row.workspace_id))
            .filter(Column::ClaimedAt.eq(row.claimed_at))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// Frees a key whose claim stands, so that the same may be tried again.
    pub async fn free_idempotency_key(&self, row: &IdempotencyKeyRow) -> Result<(), StorageError> {
        Entity::delete_many()
            .filter(Column::Id.eq(row.id))
            .filter(Column::WorkspaceId.eq(row.workspace_id))
            .filter(Column::ClaimedAt.eq(row.claimed_at))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// Forgets a workspace's keys from before a time.
    pub async fn forget_idempotency_keys(
        &self,
        workspace: WorkspaceId,
        before: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        Entity::delete_many()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::CreatedAt.lt(before))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}
