//! Workspaces are the operator's: there is no API for them.

use super::{Gateway, NameProblem, name::Name};
use crate::storage::{Conflict, StorageError, WorkspaceRow};

/// Why a workspace was not made.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The name cannot be one.
    #[error(transparent)]
    Name(#[from] NameProblem),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// The workspace of this name, made where it is new; two callers at once get the same one.
    pub async fn find_or_create_workspace(
        &self,
        name: &str,
    ) -> Result<WorkspaceRow, WorkspaceError> {
        if let Some(found) = self.store().find_workspace_by_name(name.trim()).await? {
            return Ok(found);
        }
        if let Some(made) = self.create_workspace(name).await? {
            return Ok(made);
        }
        let found = self.store().find_workspace_by_name(name.trim()).await?;
        found.ok_or(WorkspaceError::Storage(StorageError::Conflict(
            Conflict::WorkspaceName,
        )))
    }

    /// Makes a workspace; none where the name is taken.
    pub async fn create_workspace(
        &self,
        name: &str,
    ) -> Result<Option<WorkspaceRow>, WorkspaceError> {
        let name = Name::parse(name)?.text;
        let row = WorkspaceRow {
            id: self.ids().next(),
            name,
            created_at: self.clock().now(),
        };
        match self.store().insert_workspace(row).await {
            Err(StorageError::Conflict(Conflict::WorkspaceName)) => Ok(None),
            made => Ok(Some(made?)),
        }
    }
}
