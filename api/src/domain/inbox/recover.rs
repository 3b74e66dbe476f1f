//! Finding events that never arrived.

use chrono::{DateTime, Utc};

use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::StorageError,
};

impl Gateway {
    /// Notes that events since a moment may be missing, so that they are looked for.
    #[expect(clippy::unused_async, reason = "the database answers later")]
    pub async fn recover_since(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        since: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        tracing::trace!(workspace.id = %workspace, connection.id = %connection, %since, "events may be missing");
        Ok(())
    }
}
