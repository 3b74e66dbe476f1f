//! Telling which payments changed.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{StorageError, TaskRow},
};

/// More payments are not named in one message: then the list is to be read again.
const MOST: usize = 500;

/// How long changes of a connection are gathered after a message.
const PAUSE: TimeDelta = TimeDelta::seconds(5);

impl Gateway {
    /// Connections of any workspace with changed payments that somebody wants to be told of.
    pub async fn list_connections_to_tell(
        &self,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        let now = self.clock().now();
        self.store().list_connections_to_tell(now).await
    }

    /// Makes a message of what has changed of a connection since the last one. Returns when to look next.
    pub async fn tell_changes(&self, task: &TaskRow) -> Result<DateTime<Utc>, StorageError> {
        let now = self.clock().now();
        self.store().tell_changes(task, MOST, now).await?;
        self.messages().notify_waiters();
        Ok(now + PAUSE)
    }
}
