use std::{collections::HashSet, sync::Arc, time::Duration};

use futures_util::StreamExt;
use redis::{
    Client, Msg, RedisResult,
    aio::{PubSubSink, PubSubStream},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    backoff::Backoff,
    event::ProgressEvent,
    redis_outbox::{Letter, Sender},
    topic::Topic,
    topics::Topics,
};
use crate::ids::SharedEntropy;

/// How long Redis may take to answer before the connection counts as lost.
const ANSWER: Duration = Duration::from_secs(1);

/// How often a silent connection is tried: a dead one says nothing by itself.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How many channels one command names, and how many interests are handled by one command.
const BATCH: usize = 512;

/// A change of what this process watches.
pub(super) enum Interest {
    /// Someone watches the topic, and waits for Redis to confirm it.
    Joined(Topic, oneshot::Sender<()>),
    /// Nobody watches the topic any more.
    Left(Topic),
}

/// The connection was lost, or is not to be relied on.
struct Lost;

/// Follows in Redis what this process watches, over one connection that it finds again when it is lost.
pub(super) struct Listener {
    client: Client,
    topics: Arc<Topics>,
    interests: mpsc::UnboundedReceiver<Interest>,
    connected: watch::Sender<bool>,
    entropy: SharedEntropy,
    me: Sender,
    followed: HashSet<Topic>,
}

impl Listener {
    pub(super) fn new(
        client: Client,
        topics: Arc<Topics>,
        interests: mpsc::UnboundedReceiver<Interest>,
        connected: watch::Sender<bool>,
        entropy: SharedEntropy,
        me: Sender,
    ) -> Self {
        Self {
            client,
            topics,
            interests,
            connected,
            entropy,
            me,
            followed: HashSet::new(),
        }
    }

    /// Listens until it is dropped.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::new();
        loop {
            if let Ok(connection) = answered(self.client.get_async_pubsub()).await {
                let (sink, messages) = connection.split();
                let Lost = self.follow(sink, messages, &mut backoff).await;
            }
            self.connected.send_replace(false);
            if backoff.is_first() {
                tracing::warn!("the bus has no connection to Redis and tries again");
            }
            sleep(backoff.pause(&*self.entropy)).await;
        }
    }

    /// Follows over one connection until it is lost.
    async fn follow(
        &mut self,
        mut sink: PubSubSink,
        mut messages: PubSubStream,
        backoff: &mut Backoff,
    ) -> Lost {
        if self.resume(&mut sink).await.is_err() {
            return Lost;
        }
        backoff.reset();
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut changes = Vec::with_capacity(BATCH);
        loop {
            let step = tokio::select! {
                message = messages.next() => message.map(|message| self.deliver(&message)).ok_or(Lost),
                count = self.interests.recv_many(&mut changes, BATCH) => match count {
                    0 => Err(Lost),
                    _ => self.change(&mut sink, &mut changes).await,
                },
                _ = heartbeat.tick() => answered(sink.ping::<redis::Value>()).await.map(drop),
            };
            if step.is_err() {
                return Lost;
            }
        }
    }

    /// Follows on a new connection all that is watched; what came in between is told as a resync.
    async fn resume(&mut self, sink: &mut PubSubSink) -> Result<(), Lost> {
        self.followed.clear();
        let watched = self.topics.list();
        subscribe(sink, &watched).await?;
        self.followed.extend(watched);
        self.topics.resync();
        self.connected.send_replace(true);
        tracing::info!(
            topics = self.followed.len(),
            "the bus is connected to Redis"
        );
        Ok(())
    }

    /// Brings what is followed in line with what is watched now, which is newer than the interests say.
    async fn change(
        &mut self,
        sink: &mut PubSubSink,
        changes: &mut Vec<Interest>,
    ) -> Result<(), Lost> {
        let (mut start, mut stop) = (HashSet::new(), HashSet::new());
        let mut waiting = Vec::new();
        for change in changes.drain(..) {
            let topic = match change {
                Interest::Joined(topic, confirm) => {
                    waiting.push(confirm);
                    topic
                }
                Interest::Left(topic) => topic,
            };
            match (self.topics.contains(&topic), self.followed.contains(&topic)) {
                (true, false) => drop(start.insert(topic)),
                (false, true) => drop(stop.insert(topic)),
                _ => {}
            }
        }
        let (start, stop) = (Vec::from_iter(start), Vec::from_iter(stop));
        subscribe(sink, &start).await?;
        unsubscribe(sink, &stop).await?;
        self.followed.extend(start);
        for topic in stop {
            self.followed.remove(&topic);
        }
        for confirm in waiting {
            // Whoever does not wait any more has left again.
            let _ = confirm.send(());
        }
        Ok(())
    }

    /// Hands a message to the watchers of its channel, and to nobody else whatever it says of itself.
    fn deliver(&self, message: &Msg) {
        let (channel, body) = (message.get_channel_name(), message.get_payload_bytes());
        match Message::read(channel, body) {
            Some(Message::Progress(event)) => self.topics.publish(event),
            // This process's own watchers were told before it was sent.
            Some(Message::Change(letter)) if letter.from == self.me => {}
            Some(Message::Change(letter)) => self.topics.tell(&letter.change),
            None => tracing::warn!("a message of the bus cannot be read"),
        }
    }
}

/// What a channel brings.
enum Message {
    Progress(ProgressEvent),
    Change(Letter),
}

impl Message {
    /// None where it cannot be understood, or is not of this channel.
    fn read(channel: &str, body: &[u8]) -> Option<Self> {
        let (message, topic) = if channel.starts_with(Topic::PROGRESS) {
            let event: ProgressEvent = serde_json::from_slice(body).ok()?;
            let topic = event.topic();
            (Self::Progress(event), topic)
        } else {
            let letter: Letter = serde_json::from_slice(body).ok()?;
            let topic = letter.change.topic();
            (Self::Change(letter), topic)
        };
        (topic.channel() == channel).then_some(message)
    }
}

async fn subscribe(sink: &mut PubSubSink, topics: &[Topic]) -> Result<(), Lost> {
    for batch in topics.chunks(BATCH) {
        answered(sink.subscribe(channels(batch))).await?;
    }
    Ok(())
}

async fn unsubscribe(sink: &mut PubSubSink, topics: &[Topic]) -> Result<(), Lost> {
    for batch in topics.chunks(BATCH) {
        answered(sink.unsubscribe(channels(batch))).await?;
    }
    Ok(())
}

fn channels(topics: &[Topic]) -> Vec<String> {
    topics.iter().map(Topic::channel).collect()
}

async fn answered<T>(command: impl Future<Output = RedisResult<T>>) -> Result<T, Lost> {
    match timeout(ANSWER, command).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            tracing::debug!(%error, "Redis refused the bus");
            Err(Lost)
        }
        Err(_) => Err(Lost),
    }
}
