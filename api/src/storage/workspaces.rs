//! Workspaces.

use entity::workspace::{Column, Entity};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};

use super::{StorageError, Store, WorkspaceRow};
use crate::ids::WorkspaceId;

impl Store {
    /// Makes a workspace; `Conflict::WorkspaceName` where the name is taken.
    pub async fn insert_workspace(&self, row: WorkspaceRow) -> Result<WorkspaceRow, StorageError> {
        Ok(row.into_active_model().insert(&self.writer).await?)
    }

    /// The workspace of this id.
    pub async fn find_workspace(
        &self,
        id: WorkspaceId,
    ) -> Result<Option<WorkspaceRow>, StorageError> {
        Ok(Entity::find_by_id(id.0).one(&self.reader).await?)
    }

    /// The workspace of this name: for the operator's command line.
    pub async fn find_workspace_by_name(
        &self,
        name: &str,
    ) -> Result<Option<WorkspaceRow>, StorageError> {
        Ok(Entity::find()
            .filter(Column::Name.eq(name))
            .one(&self.writer)
            .await?)
    }

    /// The same for callers, whose requests are answered by the readers.
    pub async fn find_workspace_named(
        &self,
        name: &str,
    ) -> Result<Option<WorkspaceRow>, StorageError> {
        Ok(Entity::find()
            .filter(Column::Name.eq(name))
            .one(&self.reader)
            .await?)
    }

    /// How many workspaces there are.
    pub async fn count_workspaces(&self) -> Result<u64, StorageError> {
        Ok(Entity::find().count(&self.writer).await?)
    }
}
