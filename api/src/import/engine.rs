//! The engine's loop: claims windows and runs each as a task.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    pace::{Budget, Pace},
    publisher::Publisher,
    purge, window_run,
};
use crate::{
    domain::Gateway,
    ids::ConnectionId,
    storage::{Claim, StorageError, WindowRow},
};

/// What an operator may decide about imports.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The budget of a connection in live mode.
    pub live_requests_per_second: f64,
    /// The budget of a connection in test mode.
    pub test_requests_per_second: f64,
    /// Requests of one connection side by side.
    pub concurrency: u32,
    /// How long a claim stands without being renewed: after a crash, work rests so long.
    pub lease: Duration,
}

/// How often to look for work without being woken.
const LOOK: Duration = Duration::from_millis(500);

/// Runs the imports of all connections; any number of engines may share one database.
pub struct Engine {
    pub(super) gateway: Gateway,
    pub(super) publisher: Publisher,
    settings: Settings,
    owner: Uuid,
    paces: Mutex<HashMap<ConnectionId, Arc<Pace>>>,
}

/// The windows under way.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<ConnectionId>,
    by_connection: HashMap<ConnectionId, u32>,
}

impl Engine {
    /// An engine that has not started.
    #[must_use]
    pub fn new(gateway: Gateway, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            publisher: Publisher::new(gateway.clone()),
            owner: gateway.ids().next(),
            settings,
            gateway,
            paces: Mutex::default(),
        })
    }

    /// Works until it is told to stop, then finishes the pages under way and gives their windows back.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let beside = async {
            tokio::join!(
                self.renew(),
                self.publisher.run(),
                purge::run(&self.gateway)
            );
        };
        tokio::select! {
            () = self.work(&stop) => {}
            () = beside => {}
        }
    }

    async fn work(self: &Arc<Self>, stop: &CancellationToken) {
        let mut under_way = UnderWay::default();
        while !stop.is_cancelled() {
            // Listening comes before looking: work that is added in between is heard.
            let added = self.gateway.work().notified();
            if let Err(error) = self.claim(&mut under_way, stop).await {
                tracing::warn!(%error, "no work can be claimed at the moment");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = added => {}
                () = tokio::time::sleep(LOOK) => {}
                true = under_way.one_ended() => {}
            }
        }
        while under_way.one_ended().await {}
    }

    /// Fills every connection's free places with windows.
    async fn claim(
        self: &Arc<Self>,
        under_way: &mut UnderWay,
        stop: &CancellationToken,
    ) -> Result<(), StorageError> {
        let now = self.gateway.clock().now();
        for (_, connection) in self.gateway.store().list_connections_with_work(now).await? {
            let busy = under_way
                .by_connection
                .get(&connection)
                .copied()
                .unwrap_or_default();
            let free = self.settings.concurrency.saturating_sub(busy);
            if free == 0 {
                continue;
            }
            let claimed = self
                .gateway
                .store()
                .claim_windows(connection, self.lease(), free.into());
            for window in claimed.await? {
                under_way.start(
                    connection,
                    window_run::run(Arc::clone(self), window, stop.clone()),
                );
            }
        }
        Ok(())
    }

    fn lease(&self) -> Claim {
        let now = self.gateway.clock().now();
        let length = TimeDelta::from_std(self.settings.lease).unwrap_or(TimeDelta::MAX);
        Claim {
            owner: self.owner,
            now,
            until: now + length,
        }
    }

    async fn renew(&self) {
        loop {
            tokio::time::sleep(self.settings.lease / 3).await;
            if let Err(error) = self.gateway.store().renew_leases(self.lease()).await {
                tracing::warn!(%error, "the leases were not renewed");
            }
        }
    }

    /// The pace of a window's connection, the same one for all its windows.
    pub(super) fn pace(&self, window: &WindowRow, livemode: bool) -> Arc<Pace> {
        let budget = Budget {
            requests_per_second: if livemode {
                self.settings.live_requests_per_second
            } else {
                self.settings.test_requests_per_second
            },
            concurrency: self.settings.concurrency,
        };
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = paces.entry(ConnectionId(window.connection_id));
        Arc::clone(pace.or_insert_with(|| Arc::new(Pace::new(budget))))
    }
}

impl UnderWay {
    fn start(
        &mut self,
        connection: ConnectionId,
        window: impl Future<Output = ()> + Send + 'static,
    ) {
        *self.by_connection.entry(connection).or_default() += 1;
        self.tasks.spawn(async move {
            window.await;
            connection
        });
    }

    /// Waits until a window ends; false where none is under way.
    async fn one_ended(&mut self) -> bool {
        match self.tasks.join_next().await {
            Some(Ok(connection)) => {
                if let Some(count) = self.by_connection.get_mut(&connection) {
                    *count = count.saturating_sub(1);
                }
                true
            }
            Some(Err(panic)) => {
                tracing::error!(%panic, "a window's task failed; its lease will run out");
                true
            }
            None => false,
        }
    }
}
