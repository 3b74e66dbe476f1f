//! Events: what happened lately is not imported, it is looked for.

use chrono::{DateTime, TimeDelta};

use super::window_run::{Interruption, WindowRun};
use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{PageRows, WindowState, WindowStep},
};

/// Stripe lists events for thirty days (Stripe contract section 4.9); what is older, lists of objects tell.
const LISTED: TimeDelta = TimeDelta::days(28);

impl WindowRun {
    /// Lets the recovery look for events. After an import of everything it does so by itself, since that began.
    pub(super) async fn recover(&mut self) -> Result<WindowState, Interruption> {
        let gateway = &self.engine.gateway;
        let workspace = WorkspaceId(self.window.workspace_id);
        let import = Gateway::import_of(&self.window);
        let import = gateway.store().find_import(workspace, import).await?;
        if import.is_some_and(|import| !import.every_resource) {
            let listed = gateway.clock().now() - LISTED;
            let since = self
                .window
                .from_at
                .map_or(listed, |from: DateTime<_>| from.max(listed));
            let connection = ConnectionId(self.window.connection_id);
            gateway.recover_since(workspace, connection, since).await?;
        }
        self.write(PageRows::default(), WindowStep::Done { oldest: None })
            .await
    }
}
