//! Access that an account took back.

use serde_json::json;

use super::standing;
use crate::{
    domain::{Gateway, import::revoked},
    ids::{ConnectionId, ImportId, WorkspaceId},
    storage::StorageError,
};

impl Gateway {
    /// Ends a connection whose account took access back: the credentials are destroyed, the import under way fails,
    /// and those who watch are told. However often it is noticed, it is done once.
    pub async fn access_revoked(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<(), StorageError> {
        let Some(row) = self.store().find_connection(workspace, id).await? else {
            return Ok(());
        };
        let change = standing::revoked(row.auth_method);
        let entry = self.audit(workspace, None, "connection.revoked", id.0, json!({}));
        let ended = self
            .store()
            .revoke_access(workspace, id, change, revoked(), entry)
            .await?;
        if !ended {
            return Ok(());
        }
        tracing::warn!(connection.id = %id, "the account of connection {id} took access back");
        if let Some(import) = self.store().find_latest_import(workspace, id).await? {
            self.publish_progress(workspace, ImportId(import.id)).await;
        }
        self.connection_changed(workspace, id).await;
        Ok(())
    }
}
