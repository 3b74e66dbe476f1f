//! Events that were given up, on the operator's word.

use crate::{
    domain::Gateway,
    ids::ConnectionId,
    storage::{InboxEventRow, StorageError},
};

impl Gateway {
    /// Tries again the events that were given up, of one connection or of all; how many.
    pub async fn retry_events(
        &self,
        connection: Option<ConnectionId>,
    ) -> Result<u64, StorageError> {
        let now = self.clock().now();
        let count = self.store().retry_dead_events(connection, now).await?;
        self.arrivals().notify_one();
        Ok(count)
    }

    /// The newest events that were given up, of all workspaces.
    pub async fn dead_events(&self, limit: u64) -> Result<Vec<InboxEventRow>, StorageError> {
        self.store().list_dead_events(limit).await
    }
}
