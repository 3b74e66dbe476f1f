use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use redis::{
    Client, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    bus::{Bus, BusError},
    change::Change,
    changes::Changes,
    event::ProgressEvent,
    redis_listener::{Interest, Listener},
    redis_outbox::{Outbox, Sender},
    subscription::ProgressSubscription,
    topic::Topic,
    topics::Topics,
};
use crate::ids::{ConnectionId, Entropy, PaymentId, SharedEntropy, WorkspaceId};

/// Longer than this nobody waits for Redis: to be told is a courtesy, an import is not held up by it.
const ANSWER: Duration = Duration::from_secs(1);

/// The bus between processes: one subscribed connection for all watchers of this one, and another to publish.
pub struct RedisBus {
    topics: Arc<Topics>,
    publisher: ConnectionManager,
    outbox: Arc<Outbox>,
    interests: mpsc::UnboundedSender<Interest>,
    connected: watch::Receiver<bool>,
    _working: DropGuard,
}

impl RedisBus {
    /// A bus over this Redis, which need not be up yet; it is found again whenever it was lost.
    ///
    /// Must be called within a Tokio runtime.
    pub fn connect(url: &SecretString, entropy: SharedEntropy) -> Result<Self, BusError> {
        let client = Client::open(url.expose_secret()).map_err(|_| BusError::Address)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(ANSWER))
            .set_response_timeout(Some(ANSWER))
            .set_number_of_retries(1);
        let publisher = ConnectionManager::new_lazy_with_config(client.clone(), config)?;

        let (interests, told) = mpsc::unbounded_channel();
        let left = interests.clone();
        let topics = Arc::new(Topics::with_on_empty(move |topic| {
            // Without a listener there is nothing to unsubscribe from.
            let _ = left.send(Interest::Left(topic));
        }));
        let (state, connected) = watch::channel(false);
        let me = draw(&*entropy);
        let outbox = Arc::new(Outbox::default());
        let send = Arc::clone(&outbox).run(publisher.clone(), me, Arc::clone(&entropy));
        let listener = Listener::new(client, Arc::clone(&topics), told, state, entropy, me);
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(listener.run()));
        tokio::spawn(stop.clone().run_until_cancelled_owned(send));
        Ok(Self {
            topics,
            publisher,
            outbox,
            interests,
            connected,
            _working: stop.drop_guard(),
        })
    }

    /// Passes where Redis answers.
    pub async fn ping(&self) -> Result<(), BusError> {
        let mut publisher = self.publisher.clone();
        let ping = redis::cmd("PING");
        within(ping.query_async::<()>(&mut publisher)).await
    }

    /// Waits until other processes have been told what was told here; gives up where Redis is away.
    pub async fn flush(&self) -> Result<(), BusError> {
        let sent = timeout(ANSWER, self.outbox.emptied()).await;
        sent.map_err(|_| BusError::TimedOut)
    }

    /// Watches the topic, and returns once Redis has confirmed it.
    async fn join<S>(
        &self,
        topic: Topic,
        watch: impl FnOnce(&Arc<Topics>) -> S,
    ) -> Result<S, BusError> {
        let joined = timeout(ANSWER, self.try_join(topic, watch)).await;
        joined.ok().flatten().ok_or(BusError::TimedOut)
    }

    async fn try_join<S>(&self, topic: Topic, watch: impl FnOnce(&Arc<Topics>) -> S) -> Option<S> {
        // Waiting here keeps the listener's queue empty while Redis is away.
        self.connected
            .clone()
            .wait_for(|connected| *connected)
            .await
            .ok()?;
        let subscription = watch(&self.topics);
        let (confirm, confirmed) = oneshot::channel();
        self.interests.send(Interest::Joined(topic, confirm)).ok()?;
        confirmed.await.ok()?;
        Some(subscription)
    }
}

#[async_trait]
impl Bus for RedisBus {
    async fn publish_progress(&self, event: ProgressEvent) -> Result<(), BusError> {
        let channel = event.topic().channel();
        let message = serde_json::to_vec(&event)?;
        // Watchers of this process need no Redis; its echo is dropped by its sequence.
        self.topics.publish(event);
        publish(&self.publisher, &channel, &message).await
    }

    async fn watch_progress(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<ProgressSubscription, BusError> {
        let topic = Topic::Progress(workspace, connection);
        self.join(topic, |topics| topics.watch_progress(topic))
            .await
    }

    fn tell(&self, change: Change) {
        // Watchers of this process need no Redis; its echo is dropped by its sender.
        self.topics.tell(&change);
        self.outbox.put(&change);
    }

    async fn watch_connections(
        &self,
        workspace: WorkspaceId,
        only: Option<ConnectionId>,
    ) -> Result<Changes<ConnectionId>, BusError> {
        self.join(Topic::Connections(workspace), |topics| {
            topics.watch_connections(workspace, only)
        })
        .await
    }

    async fn watch_payments(
        &self,
        workspace: WorkspaceId,
        only: Option<&[ConnectionId]>,
    ) -> Result<Changes<PaymentId>, BusError> {
        self.join(Topic::Payments(workspace), |topics| {
            topics.watch_payments(workspace, only)
        })
        .await
    }
}

pub(super) async fn publish(
    redis: &ConnectionManager,
    channel: &str,
    message: &[u8],
) -> Result<(), BusError> {
    let mut redis = redis.clone();
    let mut publish = redis::cmd("PUBLISH");
    publish.arg(channel).arg(message);
    within(publish.query_async::<()>(&mut redis)).await
}

fn draw(entropy: &dyn Entropy) -> Sender {
    let mut bytes = [0; size_of::<Sender>()];
    entropy.fill(&mut bytes);
    Sender::from_le_bytes(bytes)
}

async fn within(command: impl Future<Output = Result<(), RedisError>>) -> Result<(), BusError> {
    let answer = timeout(ANSWER, command).await;
    Ok(answer.map_err(|_| BusError::TimedOut)??)
}

impl Drop for RedisBus {
    fn drop(&mut self) {
        self.topics.close();
    }
}

impl fmt::Debug for RedisBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBus").finish_non_exhaustive()
    }
}
