//! Telling whoever watches that something changed.

use super::Gateway;
use crate::{
    ids::{ConnectionId, PaymentId, WorkspaceId},
    progress::{BusError, Change, Changed},
    storage::StorageError,
};

/// Why something cannot be watched, or not any longer.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Tells those who watch that a connection or its webhook changed; called once the change is stored.
    pub fn connection_changed(&self, workspace: WorkspaceId, id: ConnectionId) {
        // Its webhook may have another secret now.
        self.known_endpoints().forget(id);
        self.bus().tell(Change {
            workspace_id: workspace,
            connection_id: id,
            what: Changed::Connection,
        });
    }

    /// Tells those who watch that these payments are new or changed; called once they are stored.
    pub fn payments_changed(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        ids: &[PaymentId],
    ) {
        if ids.is_empty() {
            return;
        }
        self.bus().tell(Change {
            workspace_id: workspace,
            connection_id: connection,
            what: Changed::Payments(ids.to_vec()),
        });
    }
}
