//! Importing again what events cannot tell any more.

use chrono::{DateTime, Utc};

use super::{Resource, windows::Plan};
use crate::{
    domain::Gateway,
    ids::{ImportId, WorkspaceId},
    storage::{Conflict, ConnectionRow, ImportTrigger, StorageError},
};

impl Gateway {
    /// Imports what was created since a moment; where an import is under way, that one has to do.
    pub(in crate::domain) async fn catch_up(
        &self,
        connection: &ConnectionRow,
        since: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let plan = Plan {
            trigger: ImportTrigger::CatchUp,
            from: Some(since),
            to: None,
            resources: Resource::importable(),
            every_resource: true,
        };
        let (import, windows) = self.lay_out(connection, &plan);
        let id = ImportId(import.id);
        match self.store().insert_import(import, windows).await {
            Ok(()) => {
                tracing::info!(import.id = %id, %since, "importing again what events cannot tell any more");
                let workspace = WorkspaceId(connection.workspace_id);
                self.publish_progress(workspace, id).await;
                self.work().notify_waiters();
                Ok(())
            }
            Err(StorageError::Conflict(Conflict::ActiveImport)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
