use std::{
    collections::HashSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

use super::{
    change::Change,
    gathered::{Gathered, Taken},
};
use crate::ids::ConnectionId;

/// What one watcher has not read yet. Whoever fills it never waits for the reader.
#[derive(Debug)]
pub(super) struct Mailbox {
    only: Option<HashSet<ConnectionId>>,
    // Held for a look only, never across an await.
    unread: Mutex<Gathered>,
    filled: Notify,
    closed: AtomicBool,
}

impl Mailbox {
    /// An empty mailbox that keeps so many ids, of these connections or of all.
    pub(super) fn new(only: Option<HashSet<ConnectionId>>, most: usize) -> Self {
        Self {
            only,
            unread: Mutex::new(Gathered::new(most)),
            filled: Notify::new(),
            closed: AtomicBool::new(false),
        }
    }

    /// Puts a change in, where its reader wants it.
    pub(super) fn put(&self, change: &Change) {
        let connection = change.connection_id;
        if self
            .only
            .as_ref()
            .is_some_and(|only| !only.contains(&connection))
        {
            return;
        }
        self.lock().put(change);
        self.filled.notify_one();
    }

    /// Notes that something may have been missed.
    pub(super) fn resync(&self) {
        self.lock().overflow();
        self.filled.notify_one();
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.filled.notify_one();
    }

    /// Waits until something is in it; false once it is closed.
    pub(super) async fn filled(&self) -> bool {
        while !self.is_closed() {
            if !self.lock().is_empty() {
                return true;
            }
            // What was put in since the look has left its permit.
            self.filled.notified().await;
        }
        false
    }

    /// Takes all that is in it.
    pub(super) fn take(&self) -> Taken {
        self.lock().take()
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
