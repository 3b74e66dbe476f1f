//! Exports of payments: asked for, written by whoever claims them, kept for a while.

mod chunks;
mod ended;
mod work;

use entity::payment_export::{Column, Entity, State};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait,
};

use super::{
    AuditRow, ExportRow, PageRequest, Slice, StorageError, Store, TimePosition, audit,
    paging::{keyset, slice},
};
use crate::ids::{ExportId, WorkspaceId};

pub use work::ExportPart;

/// States in which an export is still to be written.
const UNFINISHED: [State; 2] = [State::Queued, State::Running];

/// How many exports a workspace may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportLimits {
    /// That are not finished.
    pub unfinished: u64,
    /// That are not finished, or whose files are kept.
    pub kept: u64,
}

/// What became of an export that was to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It is stored.
    Stored(Box<ExportRow>),
    /// The workspace has as many unfinished ones as it may.
    TooManyUnfinished,
    /// The workspace has as many files as it may.
    TooManyKept,
}

impl Store {
    /// Stores an export with its audit entry, unless the workspace has too many: of several at once exactly as many are
    /// stored as there is room for.
    pub async fn enqueue_export(
        &self,
        row: ExportRow,
        limits: ExportLimits,
        entry: AuditRow,
    ) -> Result<Enqueued, StorageError> {
        let transaction = self.begin().await?;
        // Whoever else asks for the same workspace waits until this one is counted.
        entity::workspace::Entity::find_by_id(row.workspace_id)
            .lock_exclusive()
            .one(&transaction)
            .await?;
        let all = || Entity::find().filter(Column::WorkspaceId.eq(row.workspace_id));
        let unfinished = all().filter(Column::State.is_in(UNFINISHED));
        let unfinished = unfinished.count(&transaction).await?;
        if unfinished >= limits.unfinished {
            return Ok(Enqueued::TooManyUnfinished);
        }
        let ready = all().filter(Column::State.eq(State::Ready));
        let ready = ready.count(&transaction).await?;
        if unfinished + ready >= limits.kept {
            return Ok(Enqueued::TooManyKept);
        }
        let row = row.into_active_model().insert(&transaction).await?;
        audit::append(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(Enqueued::Stored(Box::new(row)))
    }

    /// The export of this id.
    pub async fn find_export(
        &self,
        workspace: WorkspaceId,
        id: ExportId,
    ) -> Result<Option<ExportRow>, StorageError> {
        let query = Entity::find_by_id(id.0).filter(Column::WorkspaceId.eq(workspace.0));
        Ok(query.one(&self.reader).await?)
    }

    /// The export of this id, in whichever workspace: a signed link stands for the right to read it.
    pub async fn find_linked_export(
        &self,
        id: ExportId,
    ) -> Result<Option<ExportRow>, StorageError> {
        Ok(Entity::find_by_id(id.0).one(&self.reader).await?)
    }

    /// A page of the workspace's exports, newest first.
    pub async fn list_exports(
        &self,
        workspace: WorkspaceId,
        page: &PageRequest<TimePosition>,
    ) -> Result<Slice<ExportRow>, StorageError> {
        let mut query = Entity::find().filter(Column::WorkspaceId.eq(workspace.0));
        keyset(
            QueryTrait::query(&mut query),
            (Column::CreatedAt, Column::Id),
            true,
            &page.values(),
        );
        Ok(slice(query.all(&self.reader).await?, page))
    }

    /// The workspace's exports that are not finished, or whose files are kept.
    pub async fn list_kept_exports(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Vec<ExportRow>, StorageError> {
        let kept = [State::Queued, State::Running, State::Ready];
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::State.is_in(kept));
        Ok(query.all(&self.reader).await?)
    }
}
