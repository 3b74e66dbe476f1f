//! Progress is told a few times a second, however fast pages come.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use crate::{
    domain::Gateway,
    ids::{ImportId, WorkspaceId},
    storage::{ImportRow, ImportStatus},
};

/// The pause between two tellings.
const PAUSE: Duration = Duration::from_millis(250);

/// Collects what changed and tells it together.
pub(super) struct Publisher {
    gateway: Gateway,
    changed: Mutex<HashSet<(WorkspaceId, ImportId)>>,
    wake: Notify,
}

impl Publisher {
    pub(super) fn new(gateway: Gateway) -> Self {
        Self {
            gateway,
            changed: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// An import changed: an end is told at once, anything else soon.
    pub(super) async fn note(&self, import: &ImportRow) {
        let key = (WorkspaceId(import.workspace_id), ImportId(import.id));
        if matches!(import.status, ImportStatus::Queued | ImportStatus::Running) {
            self.soon(key.0, key.1);
        } else {
            self.gateway.publish_progress(key.0, key.1).await;
        }
    }

    pub(super) fn soon(&self, workspace: WorkspaceId, import: ImportId) {
        self.changed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((workspace, import));
        self.wake.notify_one();
    }

    /// Tells until it is dropped.
    pub(super) async fn run(&self) {
        loop {
            self.wake.notified().await;
            let changed =
                std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner));
            for (workspace, import) in changed {
                self.gateway.publish_progress(workspace, import).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
