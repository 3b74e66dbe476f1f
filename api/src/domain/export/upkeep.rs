//! The end of files: their time is over, or what they hold is to be deleted.

use chrono::TimeDelta;

use crate::{
    domain::{Gateway, payment::PaymentSearch},
    ids::{ConnectionId, ExportId, WorkspaceId},
    storage::{ExportRow, StorageError},
};

/// How long an export is listed that has left no file.
const LISTED: TimeDelta = TimeDelta::days(30);

/// Exports that are cleared between two looks.
const AT_ONCE: u64 = 100;

/// Parts that go in one statement: short enough to let others write in between.
const BATCH: u64 = 50;

impl Gateway {
    /// Ends the time of files, deletes the parts of those that are not needed, and forgets old exports, of all
    /// workspaces; can be cut off at any point and taken up again.
    pub async fn clear_exports(&self) -> Result<(), StorageError> {
        let now = self.clock().now();
        let store = self.store();
        for export in store.expire_exports(now).await? {
            self.publish_export(&export).await;
        }
        for (workspace, id) in store.list_exports_to_clear(AT_ONCE).await? {
            while store.delete_export_parts(workspace, id, BATCH).await? == BATCH {}
            store.note_export_cleared(workspace, id).await?;
        }
        store.forget_exports(now - LISTED).await
    }

    /// Cancels the exports that payments of a connection may be in: its data was deleted.
    pub(in crate::domain) async fn drop_exports_of(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<(), StorageError> {
        let now = self.clock().now();
        for export in self.store().list_kept_exports(workspace).await? {
            if !may_hold(&export, connection) {
                continue;
            }
            let id = ExportId(export.id);
            if let Some(dropped) = self.store().cancel_export(workspace, id, now).await? {
                self.publish_export(&dropped).await;
            }
        }
        Ok(())
    }
}

/// Whether payments of a connection may be in an export: one that cannot be read may hold anything.
fn may_hold(export: &ExportRow, connection: ConnectionId) -> bool {
    let search = serde_json::from_value::<PaymentSearch>(export.search.clone());
    let only = search.ok().and_then(|search| search.connections);
    only.is_none_or(|only| only.contains(&connection))
}
