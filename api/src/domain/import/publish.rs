//! Telling those who watch how far an import is.

use super::ImportProgress;
use crate::{
    domain::Gateway,
    ids::{ConnectionId, ImportId, WorkspaceId},
    progress::ProgressEvent,
    storage::StorageError,
};

impl Gateway {
    /// How far an import is, from the database.
    pub async fn import_progress(
        &self,
        workspace: WorkspaceId,
        id: ImportId,
    ) -> Result<Option<ImportProgress>, StorageError> {
        let snapshot = self.store().find_import_with_windows(workspace, id).await?;
        Ok(snapshot.as_ref().map(ImportProgress::of))
    }

    /// Reads how far an import is and tells everybody who watches; they are told the next time where this fails.
    pub async fn publish_progress(&self, workspace: WorkspaceId, id: ImportId) {
        if let Err(error) = self.try_publish(workspace, id).await {
            tracing::warn!(import.id = %id, error, "the progress of import {id} was not published");
        }
    }

    async fn try_publish(
        &self,
        workspace: WorkspaceId,
        id: ImportId,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let Some(snapshot) = self.store().find_import_with_windows(workspace, id).await? else {
            return Ok(());
        };
        let progress = ImportProgress::of(&snapshot);
        let event = ProgressEvent {
            workspace_id: workspace,
            connection_id: ConnectionId(snapshot.import.connection_id),
            import_id: id,
            sequence: progress.sequence,
            payload: serde_json::to_string(&progress)?,
        };
        Ok(self.bus().publish_progress(event).await?)
    }
}
