//! The engine's loop: finds messages that are to be sent and sends each as a task.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::places::{Place, Places};
use crate::{
    domain::Gateway,
    ids::NotificationEndpointId,
    storage::{Claim, NotificationDeliveryRow, StorageError},
};

/// What an operator may decide about messages.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Messages under way at once.
    pub concurrency: usize,
    /// Of these, to one endpoint.
    pub concurrency_per_endpoint: usize,
}

/// How often to look for messages without being woken: another process may have stored some.
const LOOK: Duration = Duration::from_millis(500);

/// How often to look which workspaces want to be told of payments.
const REFRESH: Duration = Duration::from_secs(1);

/// How much longer a claim stands than a message may take: for reading and writing around it.
const MARGIN: Duration = Duration::from_secs(10);

/// Sends messages; any number of engines may share one database.
pub struct Engine {
    gateway: Gateway,
    places: Places,
    owner: Uuid,
}

impl Engine {
    /// An engine that has not started.
    #[must_use]
    pub fn new(gateway: Gateway, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            owner: gateway.ids().next(),
            gateway,
            places: Places::new(settings.concurrency, settings.concurrency_per_endpoint),
        })
    }

    /// Works until it is told to stop, then ends the attempts under way.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        tokio::join!(self.work(&stop), self.keep_told(&stop));
    }

    async fn work(self: &Arc<Self>, stop: &CancellationToken) {
        let mut under_way = JoinSet::new();
        while !stop.is_cancelled() {
            // Listening comes before looking: what is stored in between is heard of.
            let stored = self.gateway.messages().notified();
            if let Err(error) = self.look(&mut under_way).await {
                tracing::warn!(%error, "no messages to partners can be sent at the moment");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = stored => {}
                () = tokio::time::sleep(LOOK) => {}
                // Its place is free for the next one.
                Some(ended) = under_way.join_next() => log_panic(ended),
            }
            while let Some(ended) = under_way.try_join_next() {
                log_panic(ended);
            }
        }
        while let Some(ended) = under_way.join_next().await {
            log_panic(ended);
        }
    }

    /// Claims what is due, as far as there are places for it.
    async fn look(self: &Arc<Self>, under_way: &mut JoinSet<()>) -> Result<(), StorageError> {
        let now = self.gateway.clock().now();
        for endpoint in self.gateway.store().list_endpoints_due(now).await? {
            let places = self.places.take(endpoint);
            if places.is_empty() {
                continue;
            }
            let messages = self.claim(endpoint, places.len()).await?;
            for (place, message) in places.into_iter().zip(messages) {
                under_way.spawn(Arc::clone(self).send(place, message));
            }
        }
        Ok(())
    }

    async fn claim(
        &self,
        endpoint: NotificationEndpointId,
        limit: usize,
    ) -> Result<Vec<NotificationDeliveryRow>, StorageError> {
        let now = self.gateway.clock().now();
        let length = TimeDelta::from_std(self.gateway.sender().timeout() + MARGIN);
        let claim = Claim {
            owner: self.owner,
            now,
            until: now + length.unwrap_or(TimeDelta::MAX),
        };
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let store = self.gateway.store();
        store.claim_deliveries(endpoint, claim, limit).await
    }

    #[tracing::instrument(
        name = "notify.send",
        skip_all,
        fields(endpoint.id = %message.endpoint_id, delivery.id = %message.id)
    )]
    async fn send(self: Arc<Self>, _place: Place, message: NotificationDeliveryRow) {
        match self.gateway.deliver(&message).await {
            Ok(()) => {}
            Err(StorageError::LeaseLost) => tracing::info!("the message is not ours any more"),
            // The claim runs out, and it is sent again.
            Err(error) => tracing::warn!(%error, "what became of a message was not stored"),
        }
    }

    /// Keeps known which workspaces want to be told of payments, also where another process changed it.
    async fn keep_told(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.gateway.store().refresh_told().await {
                tracing::warn!(%error, "who wants to be told of payments is not known anew");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(REFRESH) => {}
            }
        }
    }
}

fn log_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(panic) = ended {
        tracing::error!(%panic, "sending a message failed");
    }
}
