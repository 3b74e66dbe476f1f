//! Going on where an import that failed has stopped.

use chrono::TimeDelta;

use super::{Resource, asked_end, windows::Plan};
use crate::{
    domain::Gateway,
    ids::{ConnectionId, ImportId, WorkspaceId},
    storage::{
        ConnectionRow, ImportRow, ImportStatus, ImportWithWindows, StorageError, WindowRow,
        WindowState,
    },
    stripe::ListResource,
};

impl Gateway {
    /// A queued import; where the connection's last one was asked for the same and failed, of what is left and what is
    /// new since. What changed meanwhile in what it had is known from events, as always.
    pub(in crate::domain) async fn next_import(
        &self,
        connection: &ConnectionRow,
        plan: &Plan<'_>,
    ) -> Result<(ImportRow, Vec<WindowRow>), StorageError> {
        let (import, windows) = self.lay_out(connection, plan);
        let Some(failed) = self.failed_before(connection, plan).await? else {
            return Ok((import, windows));
        };
        let left = windows
            .into_iter()
            .flat_map(|window| self.left_of(window, &failed))
            .collect();
        Ok((import, left))
    }

    /// The import before, where it failed and was of the same span.
    async fn failed_before(
        &self,
        connection: &ConnectionRow,
        plan: &Plan<'_>,
    ) -> Result<Option<ImportWithWindows>, StorageError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let last = self.store().find_latest_import(workspace, id).await?;
        let same = |import: &ImportRow| {
            import.status == ImportStatus::Failed
                && import.from_at == plan.from
                && asked_end(import) == plan.to
        };
        let Some(last) = last.filter(same) else {
            return Ok(None);
        };
        self.store()
            .find_import_with_windows(workspace, ImportId(last.id))
            .await
    }

    /// What is left of one resource's window, of which an earlier import had a part.
    fn left_of(&self, window: WindowRow, failed: &ImportWithWindows) -> Vec<WindowRow> {
        let resource = Resource::named(&window.resource);
        let divided = resource.and_then(Resource::list);
        let parts = failed.windows.iter();
        let parts: Vec<_> = parts
            .filter(|part| part.resource == window.resource)
            .collect();
        let unknown = parts.is_empty()
            || window.state != WindowState::Pending
            || !divided.is_some_and(ListResource::filters_created)
            || parts.iter().any(|part| part.state == WindowState::Skipped);
        if unknown {
            return vec![window];
        }
        let since = WindowRow {
            from_at: Some(failed.import.to_at),
            ..window.clone()
        };
        let since = (since.from_at < Some(since.to_at)).then_some(since);
        let open = parts.iter().filter(|part| part.state != WindowState::Done);
        let open = open.map(|part| {
            // The second that was reached may hold more.
            let to = (part.covered_to + TimeDelta::seconds(1)).min(part.to_at);
            WindowRow {
                id: self.ids().next(),
                from_at: part.from_at,
                to_at: to,
                covered_to: to,
                ..window.clone()
            }
        });
        let left: Vec<_> = since.into_iter().chain(open).collect();
        if left.is_empty() {
            let covered = parts.iter().map(|part| part.covered_to).min();
            return vec![WindowRow {
                state: WindowState::Done,
                covered_to: covered.unwrap_or(window.to_at),
                ..window
            }];
        }
        left
    }
}
