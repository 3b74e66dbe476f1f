//! API tokens, found by the hash of their secret.

use chrono::{DateTime, Utc};
use entity::api_token::{Column, Entity};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};

use super::{AuditRow, StorageError, Store, TokenRow, audit};
use crate::ids::{TokenId, WorkspaceId};

impl Store {
    /// Stores a token with its audit entry.
    pub async fn insert_token(
        &self,
        row: TokenRow,
        entry: AuditRow,
    ) -> Result<TokenRow, StorageError> {
        let transaction = self.begin().await?;
        let row = row.into_active_model().insert(&transaction).await?;
        audit::append(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// The token whose secret has this hash, revoked or not: it is what tells the workspace.
    pub async fn find_token_by_hash(&self, hash: &str) -> Result<Option<TokenRow>, StorageError> {
        Ok(Entity::find()
            .filter(Column::SecretHash.eq(hash))
            .one(&self.reader)
            .await?)
    }

    /// The token of this id.
    pub async fn find_token(
        &self,
        workspace: WorkspaceId,
        id: TokenId,
    ) -> Result<Option<TokenRow>, StorageError> {
        let query = Entity::find_by_id(id.0).filter(Column::WorkspaceId.eq(workspace.0));
        Ok(query.one(&self.reader).await?)
    }

    /// Every token of the workspace, oldest first.
    pub async fn list_tokens(&self, workspace: WorkspaceId) -> Result<Vec<TokenRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        Ok(query.all(&self.reader).await?)
    }

    /// Revokes a token; one that is revoked already keeps its time. None where it does not exist.
    pub async fn revoke_token(
        &self,
        workspace: WorkspaceId,
        id: TokenId,
        at: DateTime<Utc>,
        entry: AuditRow,
    ) -> Result<Option<TokenRow>, StorageError> {
        let transaction = self.begin().await?;
        let changed = Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(at))
            .filter(Column::Id.eq(id.0))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::RevokedAt.is_null())
            .exec(&transaction)
            .await?;
        if changed.rows_affected > 0 {
            audit::append(&transaction, entry).await?;
        }
        let row = Entity::find_by_id(id.0)
            .filter(Column::WorkspaceId.eq(workspace.0))
            .one(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// Stores a token in the place of another, which is good until `until` and no longer, or is revoked where that is none;
    /// none where the other does not exist, has ended or was replaced before: of several at once one is stored.
    pub async fn replace_token(
        &self,
        old: TokenId,
        new: TokenRow,
        until: Option<DateTime<Utc>>,
        entry: AuditRow,
    ) -> Result<Option<(TokenRow, TokenRow)>, StorageError> {
        let at = new.created_at;
        let ends = match until {
            Some(until) => Entity::update_many().col_expr(Column::ExpiresAt, Expr::value(until)),
            None => Entity::update_many().col_expr(Column::RevokedAt, Expr::value(at)),
        };
        let transaction = self.begin().await?;
        let replaced = ends
            .col_expr(Column::ReplacedBy, Expr::value(new.id))
            .filter(Column::Id.eq(old.0))
            .filter(Column::WorkspaceId.eq(new.workspace_id))
            .filter(Column::RevokedAt.is_null())
            .filter(Column::ReplacedBy.is_null())
            .filter(Column::ExpiresAt.is_null().or(Column::ExpiresAt.gt(at)))
            .exec_with_returning(&transaction)
            .await?;
        let Some(old) = replaced.into_iter().next() else {
            return Ok(None);
        };
        let new = new.into_active_model().insert(&transaction).await?;
        audit::append(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(Some((old, new)))
    }

    /// Notes that a token was used.
    pub async fn touch_token(
        &self,
        workspace: WorkspaceId,
        id: TokenId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        Entity::update_many()
            .col_expr(Column::LastUsedAt, Expr::value(at))
            .filter(Column::Id.eq(id.0))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}
