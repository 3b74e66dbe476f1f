//! Deleting the data of connections whose owners asked for it.

use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::StorageError,
};

/// Rows of one table that go in one statement: short enough to let others write in between.
const BATCH: u64 = 5_000;

impl Gateway {
    /// Deletes what is to be deleted, of all workspaces; can be cut off at any point and taken up again.
    pub async fn purge_disconnected(&self) -> Result<(), StorageError> {
        for connection in self.store().list_purges().await? {
            let workspace = WorkspaceId(connection.workspace_id);
            let id = ConnectionId(connection.id);
            let Some(asked_at) = connection.purge_requested_at else {
                continue;
            };
            while self
                .store()
                .purge_some(workspace, id, asked_at, BATCH)
                .await?
                > 0
            {}
            // What was written of them before goes too.
            self.drop_exports_of(workspace, id).await?;
            self.store().finish_purge(workspace, id, asked_at).await?;
            self.connection_changed(workspace, id);
            tracing::info!(connection.id = %id, "deleted the imported data of connection {id}");
        }
        Ok(())
    }
}
