//! Telling whoever watches that something changed.

use super::Gateway;
use crate::ids::{ConnectionId, PaymentId, WorkspaceId};

impl Gateway {
    /// Tells those who watch that a connection or its webhook changed.
    #[expect(clippy::unused_async, reason = "buses answer later")]
    pub async fn connection_changed(&self, workspace: WorkspaceId, id: ConnectionId) {
        tracing::trace!(workspace.id = %workspace, connection.id = %id, "a connection changed");
    }

    /// Tells those who watch that these payments are new or changed.
    #[expect(clippy::unused_async, reason = "buses answer later")]
    pub async fn payments_changed(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        ids: &[PaymentId],
    ) {
        tracing::trace!(workspace.id = %workspace, connection.id = %connection, count = ids.len(), "payments changed");
    }
}
