//! The end of exports and of their files.

use chrono::{DateTime, Utc};
use entity::payment_export::{Column, Entity, State};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::work::{changed, ended};
use crate::{
    ids::{ExportId, WorkspaceId},
    storage::{ExportRow, StorageError, Store},
};

impl Store {
    /// Calls an export off, whoever works on it; one whose file is there loses it. One that has ended otherwise stays as
    /// it is. None where there is no such export.
    pub async fn cancel_export(
        &self,
        workspace: WorkspaceId,
        id: ExportId,
        at: DateTime<Utc>,
    ) -> Result<Option<ExportRow>, StorageError> {
        let kept = [State::Queued, State::Running, State::Ready];
        let transaction = self.begin().await?;
        ended(changed(), State::Canceled, at)
            .filter(Column::Id.eq(id.0))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::State.is_in(kept))
            .exec(&transaction)
            .await?;
        let row = Entity::find_by_id(id.0)
            .filter(Column::WorkspaceId.eq(workspace.0))
            .one(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// Ends the time of files of any workspace that were kept until now; those that it ended.
    pub async fn expire_exports(&self, now: DateTime<Utc>) -> Result<Vec<ExportRow>, StorageError> {
        let expired = changed()
            .col_expr(Column::State, Expr::value(State::Expired))
            .filter(Column::State.eq(State::Ready))
            .filter(Column::ExpiresAt.lte(now));
        Ok(expired.exec_with_returning(&self.writer).await?)
    }

    /// Exports of any workspace whose parts are not needed any more.
    pub async fn list_exports_to_clear(
        &self,
        limit: u64,
    ) -> Result<Vec<(WorkspaceId, ExportId)>, StorageError> {
        let over = [State::Failed, State::Canceled, State::Expired];
        let query = Entity::find()
            .select_only()
            .column(Column::WorkspaceId)
            .column(Column::Id)
            .filter(Column::State.is_in(over))
            .filter(Column::Chunks.gt(0))
            .order_by_asc(Column::Id)
            .limit(limit);
        let rows: Vec<(WorkspaceId, ExportId)> = query
            .into_tuple::<(uuid::Uuid, uuid::Uuid)>()
            .all(&self.reader)
            .await?
            .into_iter()
            .map(|(workspace, id)| (WorkspaceId(workspace), ExportId(id)))
            .collect();
        Ok(rows)
    }

    /// Notes that no part of a file is left.
    pub async fn note_export_cleared(
        &self,
        workspace: WorkspaceId,
        id: ExportId,
    ) -> Result<(), StorageError> {
        Entity::update_many()
            .col_expr(Column::Chunks, Expr::value(0))
            .filter(Column::Id.eq(id.0))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// Forgets exports of any workspace that were asked for before a time and have left nothing.
    pub async fn forget_exports(&self, before: DateTime<Utc>) -> Result<(), StorageError> {
        let over = [State::Failed, State::Canceled, State::Expired];
        Entity::delete_many()
            .filter(Column::State.is_in(over))
            .filter(Column::Chunks.eq(0))
            .filter(Column::CreatedAt.lt(before))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}
