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
    /// Gives OAuth access back at Stripe, forgets the credentials and gives up the import under way. Imported data stays, unless it is to be deleted:
    /// then a worker does so from now on, whatever happens in between.
    pub async fn disconnect(
        &self,
        caller: &Caller,
        id: ConnectionId,
        delete_data: bool,
    ) -> Result<ConnectionRow, DisconnectError> {
        let workspace = caller.workspace;
        let detail = json!({ "delete_data": delete_data });
        let entry = self.audit_by(caller, "connection.disconnected", id.0, detail);
        let found = self.store().find_connection(workspace, id).await?;
        let row = found.ok_or(DisconnectError::NotFound)?;
        let change = standing::disconnected(!self.let_go(&row).await);
        let ended = self
            .store()
            .disconnect(workspace, id, change, delete_data, entry)
            .await?;
        let connection = ended.ok_or(DisconnectError::NotFound)?;
        if let Some(import) = self.store().find_latest_import(workspace, id).await? {
            self.publish_progress(workspace, ImportId(import.id)).await;
        }
        self.work().notify_waiters();
        self.connection_changed(workspace, id).await;
        Ok(connection)
    }
}
