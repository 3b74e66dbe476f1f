use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch::{Receiver, Sender};

use super::{
    event::{ProgressEvent, Topic},
    latest::Latest,
    subscription::ProgressSubscription,
};

type OnEmpty = Box<dyn Fn(Topic) + Send + Sync>;

/// The topics that someone in this process watches, each with its latest state.
#[derive(Default)]
pub(super) struct Topics {
    // Held for a look-up only, never across an await.
    senders: Mutex<HashMap<Topic, Sender<Latest>>>,
    on_empty: Option<OnEmpty>,
}

impl Topics {
    /// Topics that tell when one has lost its last watcher.
    pub(super) fn with_on_empty(on_empty: impl Fn(Topic) + Send + Sync + 'static) -> Self {
        Self {
            on_empty: Some(Box::new(on_empty)),
            ..Self::default()
        }
    }

    pub(super) fn subscribe(self: &Arc<Self>, topic: Topic) -> ProgressSubscription {
        let receiver = self.lock().entry(topic).or_default().subscribe();
        ProgressSubscription::new(topic, Arc::clone(self), receiver)
    }

    pub(super) fn publish(&self, event: ProgressEvent) {
        let sender = self.lock().get(&event.topic()).cloned();
        if let Some(sender) = sender {
            let event = Arc::new(event);
            sender.send_if_modified(|latest| latest.accept(event));
        }
    }

    /// Tells every watcher that something may have been missed.
    pub(super) fn resync(&self) {
        let senders: Vec<Sender<Latest>> = self.lock().values().cloned().collect();
        for sender in senders {
            sender.send_modify(|latest| latest.resyncs += 1);
        }
    }

    /// Gives a watcher's receiver back; with the last one the topic goes.
    pub(super) fn leave(&self, topic: Topic, receiver: &mut Option<Receiver<Latest>>) {
        let mut senders = self.lock();
        // Dropped under the lock: of two that leave at once, the second must see that it is the last.
        *receiver = None;
        let is_empty = senders
            .get(&topic)
            .is_some_and(|left| left.receiver_count() == 0);
        if is_empty {
            senders.remove(&topic);
            if let Some(on_empty) = &self.on_empty {
                on_empty(topic);
            }
        }
    }

    pub(super) fn contains(&self, topic: &Topic) -> bool {
        self.lock().contains_key(topic)
    }

    pub(super) fn list(&self) -> Vec<Topic> {
        self.lock().keys().copied().collect()
    }

    /// Ends every subscription.
    pub(super) fn close(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Topic, Sender<Latest>>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ConnectionId, WorkspaceId};

    const TOPIC: Topic = Topic {
        workspace: WorkspaceId(Uuid::nil()),
        connection: ConnectionId(Uuid::nil()),
    };

    #[test]
    fn a_topic_goes_with_its_last_watcher() {
        let (left, gone) = std::sync::mpsc::channel();
        let topics = Arc::new(Topics::with_on_empty(move |topic| {
            left.send(topic).unwrap();
        }));
        let (one, two) = (topics.subscribe(TOPIC), topics.subscribe(TOPIC));

        drop(one);
        assert!(topics.contains(&TOPIC) && gone.try_recv().is_err());

        drop(two);
        assert_eq!(topics.list(), []);
        assert_eq!(gone.try_recv(), Ok(TOPIC));
    }

    #[test]
    fn watchers_that_leave_at_once_leave_no_topic() {
        let topics = Arc::new(Topics::default());

        for _ in 0..200 {
            let watchers: Vec<_> = (0..4).map(|_| topics.subscribe(TOPIC)).collect();
            std::thread::scope(|scope| {
                for watcher in watchers {
                    scope.spawn(move || drop(watcher));
                }
            });
            assert_eq!(topics.list(), []);
        }
    }
}
