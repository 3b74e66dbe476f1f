//! Storing events before they are acknowledged: those that arrive while a statement is under way share the next one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::storage::{InboxEventRow, Store};

/// Events of one statement at most: few enough for either database's limit of parameters.
const BATCH: usize = 500;

/// Statements side by side: while one waits for the disk, the next is on its way.
const SIDE_BY_SIDE: usize = 2;

/// More bytes do not wait: Stripe is asked to come again.
const MOST_WAITING: usize = 64 * 1024 * 1024;

/// Why an event was not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum IntakeError {
    /// Too much waits already.
    #[error("too many events wait to be stored")]
    Full,
    /// The database did not take it.
    #[error("the database did not take the event")]
    Failed,
}

/// The events on their way into the database.
#[derive(Clone, Default)]
pub(in crate::domain) struct Intake(Arc<Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    bytes: usize,
    writers: usize,
}

struct Waiting {
    event: InboxEventRow,
    stored: oneshot::Sender<bool>,
}

/// The right to write; given back when nothing waits, or by a panic.
struct Writer {
    intake: Intake,
    ended: bool,
}

impl Intake {
    /// Stores an event, or finds it stored; durable when this returns.
    pub(super) async fn store(
        &self,
        store: &Store,
        event: InboxEventRow,
    ) -> Result<(), IntakeError> {
        let (stored, told) = oneshot::channel();
        let is_writer = {
            let mut queue = self.lock();
            let bytes = size(&event);
            if queue.bytes + bytes > MOST_WAITING {
                return Err(IntakeError::Full);
            }
            queue.bytes += bytes;
            queue.waiting.push(Waiting { event, stored });
            let is_writer = queue.writers < SIDE_BY_SIDE;
            queue.writers += usize::from(is_writer);
            is_writer
        };
        if is_writer {
            // A task of its own: a client that hangs up takes nobody else's event with it.
            let writer = Writer {
                intake: self.clone(),
                ended: false,
            };
            tokio::spawn(writer.write(store.clone()));
        }
        match told.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(IntakeError::Failed),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// Writes until nothing waits.
    async fn write(mut self, store: Store) {
        loop {
            let batch = self.next();
            if batch.is_empty() {
                return;
            }
            let (events, waiting): (Vec<_>, Vec<_>) =
                batch.into_iter().map(|one| (one.event, one.stored)).unzip();
            let stored = store.insert_events(events).await;
            if let Err(error) = &stored {
                tracing::warn!(%error, "events were not stored; Stripe will send them again");
            }
            for told in waiting {
                // Whoever does not wait any more has hung up.
                let _ = told.send(stored.is_ok());
            }
        }
    }

    /// The next events that somebody still waits for; none where the writer is to end.
    fn next(&mut self) -> Vec<Waiting> {
        let mut queue = self.intake.lock();
        let mut batch = Vec::new();
        while batch.is_empty() && !queue.waiting.is_empty() {
            let count = queue.waiting.len().min(BATCH);
            batch.extend(queue.waiting.drain(..count));
            queue.bytes -= batch.iter().map(|one| size(&one.event)).sum::<usize>();
            // Stripe sends again what nobody waits for any more.
            batch.retain(|one| !one.stored.is_closed());
        }
        if batch.is_empty() {
            // Under the lock: whoever comes next finds that nobody writes.
            queue.writers -= 1;
            self.ended = true;
        }
        batch
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.ended {
            self.intake.lock().writers -= 1;
        }
    }
}

fn size(event: &InboxEventRow) -> usize {
    event.object.as_ref().map_or(0, String::len)
}
