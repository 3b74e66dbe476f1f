//! Letting go of an account.

use serde_json::json;

use super::standing;
use crate::{
    auth::Caller,
    domain::Gateway,
    ids::{ConnectionId, ImportId},
    storage::{ConnectionRow, StorageError},
};

/// Why a connection was not ended.
#[derive(Debug, thiserror::Error)]
pub enum DisconnectError {
    /// There is no such connection.
    #[error("There is no such connection.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Removes the webhook at Stripe and gives OAuth access back, as far as Stripe answers, forgets the credentials and
    /// gives up the import under way. Imported data stays, unless it is to be deleted: then a worker does so from now
    /// on, whatever happens in between.
    pub async fn disconnect(
        &self,
        caller: &Caller,
        id: ConnectionId,
        delete_data: bool,
    ) -> Result<ConnectionRow, DisconnectError> {
        let workspace = caller.workspace;
        let found = self.store().find_connection(workspace, id).await?;
        let standing = found.ok_or(DisconnectError::NotFound)?;
        // The webhook goes while there is access to remove it with.
        let webhooks_left = self.remove_webhooks(&standing).await?;
        let access_left = !self.let_go(&standing).await;
        let mut change = standing::disconnected(&webhooks_left, access_left);
        if standing.status_reason == change.reason {
            // What was left to do by hand still is.
            change.message = standing.status_message;
        }
        let detail = json!({ "delete_data": delete_data });
        let entry = self.audit_by(caller, "connection.disconnected", id.0, detail);
        let ended = self
            .store()
            .disconnect(workspace, id, change, delete_data, entry)
            .await?;
        let connection = ended.ok_or(DisconnectError::NotFound)?;
        if let Some(import) = self.store().find_latest_import(workspace, id).await? {
            self.publish_progress(workspace, ImportId(import.id)).await;
        }
        self.work().notify_waiters();
        self.connection_changed(workspace, id);
        Ok(connection)
    }
}
