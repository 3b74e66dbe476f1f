use std::{fmt, sync::Arc};

use tokio::sync::watch::Receiver;

use super::{event::ProgressEvent, latest::Latest, topic::Topic, topics::Topics};

/// What a watcher is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The latest change; earlier ones that were not read in time are left out.
    Changed(Arc<ProgressEvent>),
    /// Something may have been missed: read the stored state again.
    Resync,
}

/// Watches one connection until it is dropped.
pub struct ProgressSubscription {
    topic: Topic,
    topics: Arc<Topics>,
    receiver: Option<Receiver<Latest>>,
    resyncs: u64,
}

impl ProgressSubscription {
    pub(super) fn new(topic: Topic, topics: Arc<Topics>, receiver: Receiver<Latest>) -> Self {
        let resyncs = receiver.borrow().resyncs;
        Self {
            topic,
            topics,
            receiver: Some(receiver),
            resyncs,
        }
    }

    /// Waits for the next change; `None` once the bus has ended. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Signal> {
        let receiver = self.receiver.as_mut()?;
        loop {
            receiver.changed().await.ok()?;
            let latest = receiver.borrow_and_update();
            // What is stored is at least as new as the event, so a resync stands for both.
            if latest.resyncs != self.resyncs {
                self.resyncs = latest.resyncs;
                return Some(Signal::Resync);
            }
            if let Some(event) = &latest.event {
                return Some(Signal::Changed(Arc::clone(event)));
            }
        }
    }
}

impl Drop for ProgressSubscription {
    fn drop(&mut self) {
        self.topics.leave_progress(self.topic, &mut self.receiver);
    }
}

impl fmt::Debug for ProgressSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressSubscription")
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}
