//! The windows that this process works on: only their leases are renewed, so that one whose task has ended without
//! giving it back is free again when its lease has run out.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::ids::{ConnectionId, WindowId};

/// The windows under way.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<Mutex<HashMap<WindowId, Task>>>);

/// Who works on a window, and how it is told that the window was lost.
struct Task {
    connection: ConnectionId,
    lost: CancellationToken,
}

/// A window under way; ends when dropped, also by a panic.
pub(super) struct Hold {
    held: Held,
    window: WindowId,
    /// Canceled when the window was taken over or given up: what is asked for it is of no use.
    pub(super) lost: CancellationToken,
}

impl Held {
    pub(super) fn take(&self, window: WindowId, connection: ConnectionId) -> Hold {
        let lost = CancellationToken::new();
        let task = Task {
            connection,
            lost: lost.clone(),
        };
        self.lock().insert(window, task);
        Hold {
            held: self.clone(),
            window,
            lost,
        }
    }

    /// Stops the work on windows that this process does not hold any more.
    pub(super) fn lose(&self, windows: &[WindowId]) {
        let held = self.lock();
        for task in windows.iter().filter_map(|window| held.get(window)) {
            task.lost.cancel();
        }
    }

    /// How many windows of a connection are under way.
    pub(super) fn count(&self, connection: ConnectionId) -> u32 {
        let count = self
            .lock()
            .values()
            .filter(|task| task.connection == connection)
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    pub(super) fn windows(&self) -> Vec<WindowId> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WindowId, Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.held.lock().remove(&self.window);
    }
}
