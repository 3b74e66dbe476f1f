//! The windows that this process works on: only their leases are renewed, so that one whose task has ended without
//! giving it back is free again when its lease has run out.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::ids::{ConnectionId, WindowId};

/// The windows under way, with their connections.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<Mutex<HashMap<WindowId, ConnectionId>>>);

/// A window under way; ends when dropped, also by a panic.
pub(super) struct Hold {
    held: Held,
    window: WindowId,
}

impl Held {
    pub(super) fn take(&self, window: WindowId, connection: ConnectionId) -> Hold {
        self.lock().insert(window, connection);
        Hold {
            held: self.clone(),
            window,
        }
    }

    /// How many windows of a connection are under way.
    pub(super) fn count(&self, connection: ConnectionId) -> u32 {
        let count = self
            .lock()
            .values()
            .filter(|other| **other == connection)
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    pub(super) fn windows(&self) -> Vec<WindowId> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WindowId, ConnectionId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.held.lock().remove(&self.window);
    }
}
