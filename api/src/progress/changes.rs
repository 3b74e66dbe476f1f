use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use tokio::time::sleep;
use uuid::Uuid;

use super::{gathered::Taken, mailbox::Mailbox, topic::Topic, topics::Topics};

/// What a watcher of changes is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News<Id> {
    /// These changed, each perhaps several times.
    Changed(Vec<Id>),
    /// Something may have been missed: what is known has to be read again.
    Resync,
}

/// Watches what changes in a workspace until it is dropped.
pub struct Changes<Id> {
    topic: Topic,
    topics: Arc<Topics>,
    mailbox: Arc<Mailbox>,
    ids: PhantomData<fn() -> Id>,
}

impl<Id: From<Uuid>> Changes<Id> {
    pub(super) fn new(topic: Topic, topics: Arc<Topics>, mailbox: Arc<Mailbox>) -> Self {
        Self {
            topic,
            topics,
            mailbox,
            ids: PhantomData,
        }
    }

    /// Waits for changes, and then so much longer for more that belong together; `None` once the bus has ended.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self, gather: Duration) -> Option<News<Id>> {
        if !self.mailbox.filled().await {
            return None;
        }
        if !gather.is_zero() {
            sleep(gather).await;
        }
        Some(match self.mailbox.take() {
            Taken::Ids(ids) => News::Changed(ids.into_iter().map(Id::from).collect()),
            Taken::TooMany => News::Resync,
        })
    }
}

impl<Id> Drop for Changes<Id> {
    fn drop(&mut self) {
        self.topics.leave_changes(self.topic, &self.mailbox);
    }
}

impl<Id> fmt::Debug for Changes<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::time::{Instant, advance};

    use super::*;
    use crate::{
        ids::{ConnectionId, PaymentId, WorkspaceId},
        progress::{Bus, Change, Changed, InProcessBus},
    };

    const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(1));
    const GATHER: Duration = Duration::from_millis(100);
    const AT_ONCE: Duration = Duration::ZERO;

    fn connection(id: u128) -> ConnectionId {
        ConnectionId(Uuid::from_u128(id))
    }

    fn change(of: ConnectionId, what: Changed) -> Change {
        Change {
            workspace_id: WORKSPACE,
            connection_id: of,
            what,
        }
    }

    fn payments(of: ConnectionId, ids: std::ops::Range<u128>) -> Change {
        let ids = ids.map(|id| PaymentId(Uuid::from_u128(id)));
        change(of, Changed::Payments(ids.collect()))
    }

    fn count(news: Option<News<PaymentId>>) -> usize {
        match news {
            Some(News::Changed(ids)) => ids.len(),
            other => panic!("was told {other:?}"),
        }
    }

    #[tokio::test]
    async fn what_changed_often_is_told_once() {
        let bus = InProcessBus::new();
        let mut watcher = bus.watch_connections(WORKSPACE, None).await.unwrap();

        for _ in 0..5 {
            bus.tell(change(connection(2), Changed::Connection));
        }

        assert_eq!(
            watcher.next(AT_ONCE).await,
            Some(News::Changed(vec![connection(2)]))
        );
        assert_eq!(watcher.next(AT_ONCE).now_or_never(), None);
    }

    #[tokio::test]
    async fn a_watcher_of_one_connection_hears_of_no_other() {
        let bus = InProcessBus::new();
        let ours = Some(connection(2));
        let mut connections = bus.watch_connections(WORKSPACE, ours).await.unwrap();
        let mut changed = bus
            .watch_payments(WORKSPACE, Some(&[connection(2)]))
            .await
            .unwrap();

        bus.tell(change(connection(3), Changed::Connection));
        bus.tell(payments(connection(3), 0..20_000));
        bus.tell(change(connection(3), Changed::ManyPayments));
        assert_eq!(connections.next(AT_ONCE).now_or_never(), None);
        assert_eq!(changed.next(AT_ONCE).now_or_never(), None);

        bus.tell(payments(connection(2), 0..3));
        assert_eq!(count(changed.next(AT_ONCE).await), 3);
    }

    #[tokio::test]
    async fn a_reader_that_is_too_late_is_told_so() {
        let bus = InProcessBus::new();
        let mut watcher = bus.watch_payments(WORKSPACE, None).await.unwrap();

        bus.tell(payments(connection(2), 0..10_000));
        bus.tell(payments(connection(2), 0..10_000));
        assert_eq!(count(watcher.next(AT_ONCE).await), 10_000);

        bus.tell(payments(connection(2), 0..10_001));
        bus.tell(payments(connection(2), 0..5));
        assert_eq!(watcher.next(AT_ONCE).await, Some(News::Resync));
        bus.tell(payments(connection(2), 0..5));
        assert_eq!(count(watcher.next(AT_ONCE).await), 5);

        bus.tell(change(connection(2), Changed::ManyPayments));
        assert_eq!(watcher.next(AT_ONCE).await, Some(News::Resync));
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_within_a_moment_is_told_together() {
        let bus = InProcessBus::new();
        let mut watcher = bus.watch_payments(WORKSPACE, None).await.unwrap();
        let start = Instant::now();
        bus.tell(payments(connection(2), 0..1));
        let later = async {
            advance(GATHER / 2).await;
            bus.tell(payments(connection(2), 1..2));
        };

        let (news, ()) = tokio::join!(watcher.next(GATHER), later);

        assert_eq!(count(news), 2);
        // The timer counts in whole milliseconds.
        assert!(start.elapsed() <= GATHER + Duration::from_millis(1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_waited_for_is_not_lost() {
        let bus = InProcessBus::new();
        let mut watcher = bus.watch_payments(WORKSPACE, None).await.unwrap();
        bus.tell(payments(connection(2), 0..1));

        let given_up = tokio::time::timeout(GATHER / 2, watcher.next(GATHER)).await;

        assert!(given_up.is_err());
        assert_eq!(count(watcher.next(GATHER).await), 1);
    }

    #[tokio::test]
    async fn watching_ends_with_the_bus() {
        let bus = InProcessBus::new();
        let mut watcher = bus.watch_connections(WORKSPACE, None).await.unwrap();

        drop(bus);

        assert_eq!(watcher.next(AT_ONCE).await, None);
    }
}
