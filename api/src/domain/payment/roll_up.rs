//! Keeping the sums that charts are drawn from.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{StorageError, TaskRow},
};

/// How long a connection's hours may change before they are summed up while it is imported. An import of minutes is summed
/// up once, at its end.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// How long to wait before the next time: the hour that is now changes with every payment.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

impl Gateway {
    /// Connections of any workspace whose payments are to be summed up.
    pub async fn list_connections_to_roll_up(
        &self,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        let now = self.clock().now();
        let store = self.store();
        store.list_connections_to_roll_up(now, now - PATIENCE).await
    }

    /// Sums up what has changed of a connection since the last time. Can be cut off at any point and begun again. Returns
    /// when to look next.
    pub async fn roll_up(&self, task: &TaskRow) -> Result<DateTime<Utc>, StorageError> {
        let store = self.store();
        let marked = store
            .find_marked_hours(task.workspace_id.into(), task.connection_id.into())
            .await?;
        for span in &marked.spans {
            let mut left = Some(*span);
            while let Some(span) = left {
                left = store.roll_up_some(task, span).await?;
            }
        }
        if !marked.is_empty() {
            store.delete_marks(task, &marked).await?;
        }
        Ok(self.clock().now() + PAUSE)
    }
}
