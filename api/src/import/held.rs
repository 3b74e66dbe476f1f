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
pub(super) struct Held(Arc<Mutex<Windows>>);

#[derive(Default)]
struct Windows {
    under_way: HashMap<WindowId, Task>,
    /// How many there were so far.
    taken: u64,
}

/// Who works on a window, and how it is told that the window was lost.
struct Task {
    /// Which take it was: a window may be taken once more while the task that lost it is still at its end.
    number: u64,
    connection: ConnectionId,
    lost: CancellationToken,
}

/// A window under way; ends when dropped, also by a panic.
pub(super) struct Hold {
    held: Held,
    window: WindowId,
    number: u64,
    /// Canceled when the window was taken over or given up: what is asked for it is of no use.
    pub(super) lost: CancellationToken,
}

impl Held {
    pub(super) fn take(&self, window: WindowId, connection: ConnectionId) -> Hold {
        let lost = CancellationToken::new();
        let mut held = self.lock();
        held.taken += 1;
        let number = held.taken;
        let task = Task {
            number,
            connection,
            lost: lost.clone(),
        };
        held.under_way.insert(window, task);
        drop(held);
        Hold {
            held: self.clone(),
            window,
            number,
            lost,
        }
    }

    /// Stops the work on windows that this process does not hold any more.
    pub(super) fn lose(&self, windows: &[WindowId]) {
        let held = self.lock();
        for window in windows {
            if let Some(task) = held.under_way.get(window) {
                task.lost.cancel();
            }
        }
    }

    /// How many windows of a connection are under way.
    pub(super) fn count(&self, connection: ConnectionId) -> u32 {
        let count = self
            .lock()
            .under_way
            .values()
            .filter(|task| task.connection == connection)
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    pub(super) fn windows(&self) -> Vec<WindowId> {
        self.lock().under_way.keys().copied().collect()
    }

    /// Whether there was work since `seen` windows were taken, however short; says how many it are by now.
    pub(super) fn worked_since(&self, seen: &mut u64) -> bool {
        let held = self.lock();
        let before = std::mem::replace(seen, held.taken);
        before != held.taken || !held.under_way.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Windows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.held.lock();
        let own = |task: &Task| task.number == self.number;
        if held.under_way.get(&self.window).is_some_and(own) {
            held.under_way.remove(&self.window);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_end_of_an_earlier_task_leaves_the_later_one() {
        let held = Held::default();
        let (window, connection) = (WindowId(Uuid::nil()), ConnectionId(Uuid::nil()));
        let mut seen = 0;

        let earlier = held.take(window, connection);
        let later = held.take(window, connection);
        drop(earlier);
        assert_eq!(held.windows(), [window]);
        held.lose(&[window]);
        assert!(later.lost.is_cancelled());
        drop(later);

        assert!(held.windows().is_empty());
        assert!(held.worked_since(&mut seen), "however short");
        assert!(!held.worked_since(&mut seen));
    }
}
