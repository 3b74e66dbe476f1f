use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch::{Receiver, Sender};

use super::{
    change::Change, changes::Changes, event::ProgressEvent, latest::Latest, mailbox::Mailbox,
    subscription::ProgressSubscription, topic::Topic,
};
use crate::ids::{ConnectionId, PaymentId, WorkspaceId};

type OnEmpty = Box<dyn Fn(Topic) + Send + Sync>;

/// More changed payments than this are not kept for a reader, who then has to read its list again.
const MOST_PAYMENTS: usize = 10_000;

/// The topics that someone in this process watches.
#[derive(Default)]
pub(super) struct Topics {
    // Held for a look-up only, never across an await.
    watched: Mutex<Watched>,
    on_empty: Option<OnEmpty>,
}

#[derive(Default)]
struct Watched {
    /// Each with its latest state, which all watchers share.
    progress: HashMap<Topic, Sender<Latest>>,
    /// Each with its watchers' own mailboxes.
    changes: HashMap<Topic, Vec<Arc<Mailbox>>>,
}

impl Topics {
    /// Topics that tell when one has lost its last watcher.
    pub(super) fn with_on_empty(on_empty: impl Fn(Topic) + Send + Sync + 'static) -> Self {
        Self {
            on_empty: Some(Box::new(on_empty)),
            ..Self::default()
        }
    }

    pub(super) fn watch_progress(self: &Arc<Self>, topic: Topic) -> ProgressSubscription {
        let receiver = self.lock().progress.entry(topic).or_default().subscribe();
        ProgressSubscription::new(topic, Arc::clone(self), receiver)
    }

    pub(super) fn watch_connections(
        self: &Arc<Self>,
        workspace: WorkspaceId,
        only: Option<ConnectionId>,
    ) -> Changes<ConnectionId> {
        let only = only.map(|only| HashSet::from([only]));
        // A workspace's connections are few enough to keep the ids of all.
        self.watch_changes(
            Topic::Connections(workspace),
            Mailbox::new(only, usize::MAX),
        )
    }

    pub(super) fn watch_payments(
        self: &Arc<Self>,
        workspace: WorkspaceId,
        only: Option<&[ConnectionId]>,
    ) -> Changes<PaymentId> {
        let only = only.map(|only| only.iter().copied().collect());
        self.watch_changes(
            Topic::Payments(workspace),
            Mailbox::new(only, MOST_PAYMENTS),
        )
    }

    fn watch_changes<Id: From<uuid::Uuid>>(
        self: &Arc<Self>,
        topic: Topic,
        mailbox: Mailbox,
    ) -> Changes<Id> {
        let mailbox = Arc::new(mailbox);
        let mut watched = self.lock();
        let mailboxes = watched.changes.entry(topic).or_default();
        mailboxes.push(Arc::clone(&mailbox));
        drop(watched);
        Changes::new(topic, Arc::clone(self), mailbox)
    }

    pub(super) fn publish(&self, event: ProgressEvent) {
        let sender = self.lock().progress.get(&event.topic()).cloned();
        if let Some(sender) = sender {
            let event = Arc::new(event);
            sender.send_if_modified(|latest| latest.accept(event));
        }
    }

    /// Puts a change into the mailboxes of those who watch it.
    pub(super) fn tell(&self, change: &Change) {
        let mailboxes = self.lock().changes.get(&change.topic()).cloned();
        for mailbox in mailboxes.into_iter().flatten() {
            mailbox.put(change);
        }
    }

    /// Tells every watcher that something may have been missed.
    pub(super) fn resync(&self) {
        let (senders, mailboxes) = {
            let watched = self.lock();
            let senders: Vec<_> = watched.progress.values().cloned().collect();
            let mailboxes: Vec<_> = watched.changes.values().flatten().cloned().collect();
            (senders, mailboxes)
        };
        for sender in senders {
            sender.send_modify(|latest| latest.resyncs += 1);
        }
        for mailbox in mailboxes {
            mailbox.resync();
        }
    }

    /// Gives a watcher's receiver back; with the last one the topic goes.
    pub(super) fn leave_progress(&self, topic: Topic, receiver: &mut Option<Receiver<Latest>>) {
        let mut watched = self.lock();
        // Dropped under the lock: of two that leave at once, the second must see that it is the last.
        *receiver = None;
        let left = watched.progress.get(&topic);
        if left.is_some_and(|left| left.receiver_count() == 0) {
            watched.progress.remove(&topic);
            self.emptied(topic);
        }
    }

    /// Gives a watcher's mailbox back; with the last one the topic goes.
    pub(super) fn leave_changes(&self, topic: Topic, mailbox: &Arc<Mailbox>) {
        let mut watched = self.lock();
        let Some(left) = watched.changes.get_mut(&topic) else {
            return;
        };
        left.retain(|other| !Arc::ptr_eq(other, mailbox));
        if left.is_empty() {
            watched.changes.remove(&topic);
            self.emptied(topic);
        }
    }

    fn emptied(&self, topic: Topic) {
        if let Some(on_empty) = &self.on_empty {
            on_empty(topic);
        }
    }

    pub(super) fn contains(&self, topic: &Topic) -> bool {
        let watched = self.lock();
        watched.progress.contains_key(topic) || watched.changes.contains_key(topic)
    }

    pub(super) fn list(&self) -> Vec<Topic> {
        let watched = self.lock();
        let topics = watched.progress.keys().chain(watched.changes.keys());
        topics.copied().collect()
    }

    /// Ends all watching.
    pub(super) fn close(&self) {
        let watched = std::mem::take(&mut *self.lock());
        for mailbox in watched.changes.into_values().flatten() {
            mailbox.close();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::nil());
    const TOPIC: Topic = Topic::Progress(WORKSPACE, ConnectionId(Uuid::nil()));

    #[test]
    fn a_topic_goes_with_its_last_watcher() {
        let (left, gone) = std::sync::mpsc::channel();
        let topics = Arc::new(Topics::with_on_empty(move |topic| {
            left.send(topic).unwrap();
        }));
        let (one, two) = (topics.watch_progress(TOPIC), topics.watch_progress(TOPIC));
        let (three, four) = (
            topics.watch_connections(WORKSPACE, None),
            topics.watch_connections(WORKSPACE, None),
        );

        drop((one, three));
        let connections = Topic::Connections(WORKSPACE);
        assert!(topics.contains(&TOPIC) && topics.contains(&connections));
        assert!(gone.try_recv().is_err());

        drop((two, four));
        assert_eq!(topics.list(), []);
        assert_eq!(gone.try_iter().collect::<Vec<_>>(), [TOPIC, connections]);
    }

    #[test]
    fn watchers_that_leave_at_once_leave_no_topic() {
        let topics = Arc::new(Topics::default());

        for _ in 0..200 {
            let watchers: Vec<_> = (0..4).map(|_| topics.watch_progress(TOPIC)).collect();
            std::thread::scope(|scope| {
                for watcher in watchers {
                    scope.spawn(move || drop(watcher));
                }
            });
            assert_eq!(topics.list(), []);
        }
    }
}
