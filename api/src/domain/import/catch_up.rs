//! Importing again what events cannot tell any more.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Resource, windows::Plan};
use crate::{
    domain::Gateway,
    ids::{ConnectionId, ImportId, WorkspaceId},
    storage::{Conflict, ConnectionRow, ImportRow, ImportTrigger, StorageError},
};

/// Lists know when an object was created, not when it changed: what changes is seldom older.
const CHANGES: TimeDelta = TimeDelta::days(180);

/// When to try again after a catch-up that failed.
const AGAIN: TimeDelta = TimeDelta::hours(1);

impl Gateway {
    /// Imports again what may have changed since a moment; false where another import is under way and this one has to
    /// wait for it.
    pub(in crate::domain) async fn catch_up(
        &self,
        connection: &ConnectionRow,
        since: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let plan = Plan {
            trigger: ImportTrigger::CatchUp,
            from: Some(since - CHANGES),
            to: None,
            resources: Resource::importable(),
            every_resource: true,
        };
        let (import, windows) = self.lay_out(connection, &plan);
        let id = ImportId(import.id);
        match self.store().insert_import(import, windows).await {
            Ok(()) => {
                tracing::info!(import.id = %id, %since, "importing again what events cannot tell any more");
                let workspace = WorkspaceId(connection.workspace_id);
                self.publish_progress(workspace, id).await;
                self.work().notify_waiters();
                Ok(true)
            }
            Err(StorageError::Conflict(Conflict::ActiveImport)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A catch-up that failed leaves its gap open: it is tried again later.
    pub async fn note_failed_import(&self, import: &ImportRow) -> Result<(), StorageError> {
        let (ImportTrigger::CatchUp, Some(from)) = (import.trigger, import.from_at) else {
            return Ok(());
        };
        let workspace = WorkspaceId(import.workspace_id);
        let connection = ConnectionId(import.connection_id);
        let again = self.clock().now() + AGAIN;
        self.store()
            .want_recovery(workspace, connection, from + CHANGES, again)
            .await
    }
}
