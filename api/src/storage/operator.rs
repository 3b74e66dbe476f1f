//! What the operator's command line looks for, over all workspaces.

use entity::{connection, workspace};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};

use super::{ConnectionRow, StorageError, Store, WorkspaceRow};
use crate::ids::WorkspaceId;

impl Store {
    /// Every workspace, in the order of their names.
    pub async fn list_workspaces(&self) -> Result<Vec<WorkspaceRow>, StorageError> {
        let query = workspace::Entity::find().order_by_asc(workspace::Column::Name);
        Ok(query.all(&self.reader).await?)
    }

    /// Every connection of a workspace, or of all of them, oldest first; also those that are disconnected.
    pub async fn list_every_connection(
        &self,
        workspace: Option<WorkspaceId>,
    ) -> Result<Vec<ConnectionRow>, StorageError> {
        use connection::Column;
        let query = connection::Entity::find()
            .apply_if(workspace, |query, workspace| {
                query.filter(Column::WorkspaceId.eq(workspace.0))
            })
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        Ok(query.all(&self.reader).await?)
    }
}
