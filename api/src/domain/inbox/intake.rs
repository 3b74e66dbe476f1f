//! Storing events before they are acknowledged: those that arrive while a statement is under way share the next one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::storage::{InboxEventRow, StorageError, Store};

/// Events of one statement at most: few enough for either database's limit of parameters.
const BATCH: usize = 500;

/// Statements side by side: while one waits for the disk, the next is on its way.
const SIDE_BY_SIDE: usize = 2;

/// Why an event was not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum IntakeError {
    /// The database did not take it.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Too many wait already.
    #[error("too many events wait to be stored")]
    Full,
    /// The database did not take it along with others.
    #[error("the database did not take the events")]
    Failed,
}

/// More do not wait: Stripe is asked to come again.
const MOST_WAITING: usize = 20_000;

type Waiting = (InboxEventRow, oneshot::Sender<bool>);

/// The events on their way into the database.
#[derive(Clone, Default)]
pub(in crate::domain) struct Intake(Arc<Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    writers: usize,
}

impl Intake {
    /// Stores an event, or finds it stored; durable when this returns.
    pub(super) async fn store(
        &self,
        store: &Store,
        event: InboxEventRow,
    ) -> Result<(), IntakeError> {
        let (done, stored) = oneshot::channel();
        let is_writer = {
            let mut queue = self.lock();
            if queue.waiting.len() >= MOST_WAITING {
                return Err(IntakeError::Full);
            }
            queue.waiting.push((event, done));
            let is_writer = queue.writers < SIDE_BY_SIDE;
            queue.writers += usize::from(is_writer);
            is_writer
        };
        if is_writer {
            // A task of its own: a client that hangs up takes nobody else's event with it.
            tokio::spawn(self.clone().write(store.clone()));
        }
        match stored.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(IntakeError::Failed),
        }
    }

    /// Writes until nothing waits.
    async fn write(self, store: Store) {
        while let Some(batch) = self.next() {
            let (events, waiting): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            let stored = store.insert_events(events).await;
            if let Err(error) = &stored {
                tracing::warn!(%error, "events were not stored; Stripe will send them again");
            }
            for done in waiting {
                // Whoever does not wait any more has hung up.
                let _ = done.send(stored.is_ok());
            }
        }
    }

    fn next(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.lock();
        if queue.waiting.is_empty() {
            queue.writers -= 1;
            return None;
        }
        let count = queue.waiting.len().min(BATCH);
        Some(queue.waiting.drain(..count).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
