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
    bus::{BusError, ProgressBus},
    event::{ProgressEvent, Topic},
    redis_listener::{Interest, Listener},
    subscription::ProgressSubscription,
    topics::Topics,
};
use crate::ids::{ConnectionId, SharedEntropy, WorkspaceId};

/// Longer than this nobody waits for Redis: progress is a courtesy, an import is not held up by it.
const ANSWER: Duration = Duration::from_secs(1);

/// The bus between processes: one subscribed connection for all watchers of this one, and another to publish.
pub struct RedisBus {
    topics: Arc<Topics>,
    publisher: ConnectionManager,
    interests: mpsc::UnboundedSender<Interest>,
    connected: watch::Receiver<bool>,
    _listening: DropGuard,
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
        let listener = Listener::new(client, Arc::clone(&topics), told, state, entropy);
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(listener.run()));
        Ok(Self {
            topics,
            publisher,
            interests,
            connected,
            _listening: stop.drop_guard(),
        })
    }

    /// Passes where Redis answers.
    pub async fn ping(&self) -> Result<(), BusError> {
        let mut publisher = self.publisher.clone();
        let ping = redis::cmd("PING");
        within(ping.query_async::<()>(&mut publisher)).await
    }

    /// Watches the topic once Redis has confirmed it.
    async fn join(&self, topic: Topic) -> Option<ProgressSubscription> {
        // Waiting here keeps the listener's queue empty while Redis is away.
        self.connected
            .clone()
            .wait_for(|connected| *connected)
            .await
            .ok()?;
        let subscription = self.topics.subscribe(topic);
        let (confirm, confirmed) = oneshot::channel();
        self.interests.send(Interest::Joined(topic, confirm)).ok()?;
        confirmed.await.ok()?;
        Some(subscription)
    }
}

#[async_trait]
impl ProgressBus for RedisBus {
    async fn publish(&self, event: ProgressEvent) -> Result<(), BusError> {
        let channel = event.topic().channel();
        let message = serde_json::to_vec(&event)?;
        // Watchers of this process need no Redis; its echo is dropped by its sequence.
        self.topics.publish(event);
        let mut publisher = self.publisher.clone();
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(channel).arg(message);
        within(publish.query_async::<()>(&mut publisher)).await
    }

    async fn subscribe(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<ProgressSubscription, BusError> {
        let joined = timeout(
            ANSWER,
            self.join(Topic {
                workspace,
                connection,
            }),
        )
        .await;
        joined.ok().flatten().ok_or(BusError::TimedOut)
    }
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
