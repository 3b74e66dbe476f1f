//! Telling those who watch how far an import is.

use super::{ImportProgress, shown::Shown};
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
        Ok(snapshot.as_ref().map(ImportProgress::shown))
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
        let Some((connection, progress)) = self.raise_shown(workspace, id).await? else {
            return Ok(());
        };
        let event = ProgressEvent {
            workspace_id: workspace,
            connection_id: connection,
            import_id: id,
            sequence: progress.sequence,
            payload: serde_json::to_string(&progress)?,
        };
        Ok(self.bus().publish_progress(event).await?)
    }

    /// How far an import is, once its percentages are stored where they are higher than those shown before.
    async fn raise_shown(
        &self,
        workspace: WorkspaceId,
        id: ImportId,
    ) -> Result<Option<(ConnectionId, ImportProgress)>, StorageError> {
        loop {
            let Some(snapshot) = self.store().find_import_with_windows(workspace, id).await? else {
                return Ok(None);
            };
            let before = snapshot.import.shown.as_deref();
            let mut progress = ImportProgress::estimated(&snapshot);
            let shown = Shown::read(before).raised_to(&progress);
            shown.put_into(&mut progress);
            let connection = ConnectionId(snapshot.import.connection_id);
            let Ok(shown) = serde_json::to_string(&shown) else {
                return Ok(Some((connection, progress)));
            };
            // Where another process was quicker, what it has shown is read first.
            let settled = before == Some(shown.as_str())
                || self
                    .store()
                    .set_import_shown(workspace, id, before, &shown)
                    .await?;
            if settled {
                return Ok(Some((connection, progress)));
            }
        }
    }
}
