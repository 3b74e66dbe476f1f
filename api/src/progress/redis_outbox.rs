use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::aio::ConnectionManager;
use serde::{Deserialize, Serialize};
use tokio::{sync::Notify, time::sleep};

use super::{
    backoff::Backoff,
    bus::BusError,
    change::{Change, Changed},
    gathered::{Gathered, Taken},
    redis_bus::publish,
};
use crate::ids::{ConnectionId, PaymentId, SharedEntropy, WorkspaceId};

/// How long changes are gathered between two sendings.
const PAUSE: Duration = Duration::from_millis(100);

/// How many ids one message names, and so how long it gets.
const PER_MESSAGE: usize = 500;

/// More payments of a connection than this are not kept for sending: watchers are told to read their lists again.
const MOST_PAYMENTS: usize = 10_000;

/// A change as it is sent.
#[derive(Serialize, Deserialize)]
pub(super) struct Letter {
    /// The process that sends it, which has told its own watchers.
    pub(super) from: Sender,
    pub(super) change: Change,
}

/// A process, by a number that no other draws.
pub(super) type Sender = u64;

/// Changes that are to go to other processes: gathered, so that nobody waits for Redis, and kept until it has them.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    // Held for a look only, never across an await.
    unsent: Mutex<Unsent>,
    filled: Notify,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Unsent {
    connections: HashSet<(WorkspaceId, ConnectionId)>,
    payments: HashMap<(WorkspaceId, ConnectionId), Gathered>,
    /// Whether something was taken and is on its way.
    sending: bool,
}

impl Outbox {
    pub(super) fn put(&self, change: &Change) {
        self.lock().put(change);
        self.filled.notify_one();
    }

    /// Waits until everything has been sent.
    pub(super) async fn emptied(&self) {
        while !self.lock().is_empty() {
            self.emptied.notified().await;
        }
    }

    /// Sends until it is dropped.
    pub(super) async fn run(
        self: Arc<Self>,
        redis: ConnectionManager,
        from: Sender,
        entropy: SharedEntropy,
    ) {
        let mut backoff = Backoff::new();
        loop {
            self.filled.notified().await;
            let mut changes = self.lock().take().into_iter();
            for change in &mut changes {
                let Err((change, error)) = send(&redis, from, change).await else {
                    backoff.reset();
                    continue;
                };
                if backoff.is_first() {
                    tracing::warn!(%error, "changes cannot be told to other processes and are kept");
                }
                self.put_back(std::iter::once(change).chain(changes.by_ref()));
                sleep(backoff.pause(&*entropy)).await;
                break;
            }
            self.lock().sending = false;
            self.emptied.notify_one();
            sleep(PAUSE).await;
        }
    }

    fn put_back(&self, changes: impl Iterator<Item = Change>) {
        let mut unsent = self.lock();
        for change in changes {
            unsent.put(&change);
        }
        self.filled.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Unsent> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn send(
    redis: &ConnectionManager,
    from: Sender,
    change: Change,
) -> Result<(), (Change, BusError)> {
    let channel = change.topic().channel();
    let letter = Letter { from, change };
    let sent = async {
        let message = serde_json::to_vec(&letter)?;
        publish(redis, &channel, &message).await
    };
    sent.await.map_err(|error| (letter.change, error))
}

impl Unsent {
    fn put(&mut self, change: &Change) {
        let key = (change.workspace_id, change.connection_id);
        if change.what == Changed::Connection {
            self.connections.insert(key);
            return;
        }
        let payments = self.payments.entry(key);
        let payments = payments.or_insert_with(|| Gathered::new(MOST_PAYMENTS));
        payments.put(change);
    }

    fn is_empty(&self) -> bool {
        !self.sending && self.connections.is_empty() && self.payments.is_empty()
    }

    fn take(&mut self) -> Vec<Change> {
        self.sending = true;
        let connections = std::mem::take(&mut self.connections).into_iter();
        let connections = connections.map(|key| change(key, Changed::Connection));
        let mut changes: Vec<_> = connections.collect();
        for (key, mut gathered) in std::mem::take(&mut self.payments) {
            match gathered.take() {
                Taken::TooMany => changes.push(change(key, Changed::ManyPayments)),
                Taken::Ids(ids) => changes.extend(ids.chunks(PER_MESSAGE).map(|ids| {
                    let ids = ids.iter().copied().map(PaymentId).collect();
                    change(key, Changed::Payments(ids))
                })),
            }
        }
        changes
    }
}

fn change((workspace_id, connection_id): (WorkspaceId, ConnectionId), what: Changed) -> Change {
    Change {
        workspace_id,
        connection_id,
        what,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const KEY: (WorkspaceId, ConnectionId) = (
        WorkspaceId(Uuid::from_u128(1)),
        ConnectionId(Uuid::from_u128(2)),
    );

    fn payments(ids: std::ops::Range<u128>) -> Change {
        let ids = ids.map(|id| PaymentId(Uuid::from_u128(id))).collect();
        change(KEY, Changed::Payments(ids))
    }

    /// How many ids each message names.
    fn sizes(changes: &[Change]) -> Vec<usize> {
        let size = |change: &Change| match &change.what {
            Changed::Payments(ids) => ids.len(),
            other => panic!("{other:?}"),
        };
        changes.iter().map(size).collect()
    }

    #[test]
    fn what_changed_often_is_sent_once() {
        let mut unsent = Unsent::default();

        for _ in 0..3 {
            unsent.put(&change(KEY, Changed::Connection));
        }
        assert_eq!(unsent.take(), [change(KEY, Changed::Connection)]);

        for _ in 0..3 {
            unsent.put(&payments(0..1_200));
        }
        assert_eq!(sizes(&unsent.take()), [500, 500, 200]);
        assert_eq!(unsent.take(), []);
    }

    #[test]
    fn too_many_payments_are_not_named() {
        let mut unsent = Unsent::default();

        unsent.put(&payments(0..10_001));

        assert_eq!(unsent.take(), [change(KEY, Changed::ManyPayments)]);
        unsent.put(&payments(0..1));
        assert_eq!(sizes(&unsent.take()), [1]);
    }

    #[tokio::test]
    async fn an_outbox_is_empty_when_all_is_sent() {
        let outbox = Outbox::default();
        outbox.emptied().await;

        outbox.put(&payments(0..1));
        let taken = outbox.lock().take();
        assert!(!outbox.lock().is_empty());

        outbox.put_back(taken.into_iter());
        outbox.lock().sending = false;
        assert!(!outbox.lock().is_empty());
    }
}
