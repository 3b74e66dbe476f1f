//! Access that an account took back.

use serde_json::json;

use super::standing;
use crate::{
    domain::{Gateway, import::revoked},
    ids::{ConnectionId, ImportId, WorkspaceId},
    storage::{ConnectionRow, StorageError},
};

impl Gateway {
    /// Ends a connection whose account took access back: the credentials are destroyed, the import under way fails,
    /// and those who watch are told. However often it is noticed, it is done once; false where it was done before, or
    /// the account let us in again after `connection` was read.
    pub async fn access_revoked(&self, connection: &ConnectionRow) -> Result<bool, StorageError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let change = standing::revoked(connection.auth_method);
        let entry = self.audit(workspace, None, "connection.revoked", id.0, json!({}));
        let ended = self
            .store()
            .revoke_access(connection, change, revoked(), entry)
            .await?;
        if !ended {
            return Ok(false);
        }
        tracing::warn!(connection.id = %id, "the account of connection {id} took access back");
        if let Some(import) = self.store().find_latest_import(workspace, id).await? {
            self.publish_progress(workspace, ImportId(import.id)).await;
        }
        self.connection_changed(workspace, id);
        Ok(true)
    }
}
