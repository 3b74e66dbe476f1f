//! The engine's loop: finds connections with work and serves each as a task.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use tokio::{sync::Semaphore, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{applying, following, recovering, rolling_up, telling, upkeep};
use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{Claim, StorageError, TaskKind, TaskRow},
};

/// What an operator may decide about live data.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a claim stands without being renewed: after a crash, work rests so long.
    pub lease: Duration,
    /// How often a connection's events are looked for that never arrived.
    pub recovery_interval: Duration,
}

/// How often to look for work without being woken: another process may have stored it.
const LOOK: Duration = Duration::from_millis(500);

/// How long to gather what arrives before the next look.
const GATHER: Duration = Duration::from_millis(20);

/// How often to look for recoveries that are due.
const LOOK_FOR_RECOVERIES: Duration = Duration::from_secs(1);

/// Connections whose events are applied side by side.
const APPLYING: usize = 16;

/// Connections whose events are listed side by side.
const RECOVERING: usize = 8;

/// Connections that are asked side by side about what no event tells.
const FOLLOWING: usize = 8;

/// Connections whose changed payments are told of side by side.
const TELLING: usize = 4;

/// Connections whose payments are summed up side by side: others have to write in between.
const ROLLING_UP: usize = 1;

/// Keeps connections live; any number of engines may share one database.
pub struct Engine {
    pub(super) gateway: Gateway,
    pub(super) settings: Settings,
    owner: Uuid,
    applying: Arc<Semaphore>,
    recovering: Arc<Semaphore>,
    following: Arc<Semaphore>,
    rolling_up: Arc<Semaphore>,
    telling: Arc<Semaphore>,
    served: Mutex<HashSet<(ConnectionId, TaskKind)>>,
    /// When each connection had its last turn: those that wait longest come first.
    turns: Mutex<HashMap<ConnectionId, Instant>>,
}

impl Engine {
    /// An engine that has not started.
    #[must_use]
    pub fn new(gateway: Gateway, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            owner: gateway.ids().next(),
            gateway,
            settings,
            applying: Arc::new(Semaphore::new(APPLYING)),
            recovering: Arc::new(Semaphore::new(RECOVERING)),
            following: Arc::new(Semaphore::new(FOLLOWING)),
            rolling_up: Arc::new(Semaphore::new(ROLLING_UP)),
            telling: Arc::new(Semaphore::new(TELLING)),
            served: Mutex::default(),
            turns: Mutex::default(),
        })
    }

    /// Works until it is told to stop, then ends the batches under way.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let now = self.gateway.clock().now();
        // What happened while no process ran is looked for first.
        if let Err(error) = self.gateway.store().hasten_recoveries(now).await {
            tracing::warn!(%error, "missing events are looked for later");
        }
        tokio::join!(self.work(&stop), upkeep::run(&self.gateway, &stop));
    }

    async fn work(self: &Arc<Self>, stop: &CancellationToken) {
        let mut under_way = JoinSet::new();
        let mut looked_for_recoveries: Option<Instant> = None;
        while !stop.is_cancelled() {
            // Listening comes before looking: what arrives in between is heard.
            let arrived = self.gateway.arrivals().notified();
            if let Err(error) = self.apply(&mut under_way, stop).await {
                tracing::warn!(%error, "no events can be applied at the moment");
            }
            if looked_for_recoveries.is_none_or(|at| at.elapsed() >= LOOK_FOR_RECOVERIES) {
                looked_for_recoveries = Some(Instant::now());
                if let Err(error) = self.recover(&mut under_way, stop).await {
                    tracing::warn!(%error, "no missing events can be looked for at the moment");
                }
                if let Err(error) = self.follow(&mut under_way, stop).await {
                    tracing::warn!(%error, "what no event tells cannot be asked for at the moment");
                }
                if let Err(error) = self.roll_up(&mut under_way, stop).await {
                    tracing::warn!(%error, "payments cannot be summed up at the moment");
                }
                if let Err(error) = self.tell(&mut under_way, stop).await {
                    tracing::warn!(%error, "partners cannot be told of payments at the moment");
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = arrived => tokio::time::sleep(GATHER).await,
                () = tokio::time::sleep(LOOK) => {}
            }
            while let Some(ended) = under_way.try_join_next() {
                if let Err(panic) = ended {
                    tracing::error!(%panic, "a connection's task failed");
                }
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Applies events of every connection that has some and is not served by this process already.
    async fn apply(
        self: &Arc<Self>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<(), StorageError> {
        let now = self.gateway.clock().now();
        let mut due = self
            .gateway
            .store()
            .list_connections_with_events(now)
            .await?;
        self.longest_waiting_first(&mut due);
        for connection in due {
            if let Some(place) = Place::take(self, connection, TaskKind::Apply) {
                under_way.spawn(applying::run(Arc::clone(self), place, stop.clone()));
            }
        }
        Ok(())
    }

    async fn recover(
        self: &Arc<Self>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<(), StorageError> {
        let now = self.gateway.clock().now();
        for connection in self.gateway.store().list_due_recoveries(now).await? {
            if let Some(place) = Place::take(self, connection, TaskKind::Recover) {
                under_way.spawn(recovering::run(Arc::clone(self), place, stop.clone()));
            }
        }
        Ok(())
    }

    async fn follow(
        self: &Arc<Self>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<(), StorageError> {
        let (gateway, now) = (&self.gateway, self.gateway.clock().now());
        let due = [
            (
                TaskKind::Payouts,
                gateway.store().list_connections_to_link(now).await?,
            ),
            (
                TaskKind::Fees,
                gateway.list_connections_awaiting_fees().await?,
            ),
            (
                TaskKind::Relist,
                gateway.store().list_connections_to_relist(now).await?,
            ),
        ];
        for (kind, connections) in due {
            for connection in connections {
                if let Some(place) = Place::take(self, connection, kind) {
                    under_way.spawn(following::run(Arc::clone(self), place, stop.clone()));
                }
            }
        }
        Ok(())
    }

    async fn roll_up(
        self: &Arc<Self>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<(), StorageError> {
        for connection in self.gateway.list_connections_to_roll_up().await? {
            if let Some(place) = Place::take(self, connection, TaskKind::RollUp) {
                under_way.spawn(rolling_up::run(Arc::clone(self), place, stop.clone()));
            }
        }
        Ok(())
    }

    async fn tell(
        self: &Arc<Self>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<(), StorageError> {
        for connection in self.gateway.list_connections_to_tell().await? {
            if let Some(place) = Place::take(self, connection, TaskKind::Tell) {
                under_way.spawn(telling::run(Arc::clone(self), place, stop.clone()));
            }
        }
        Ok(())
    }

    fn longest_waiting_first(&self, due: &mut [(WorkspaceId, ConnectionId)]) {
        let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        due.sort_by_key(|(_, connection)| turns.get(connection).copied());
    }

    pub(super) fn lease(&self) -> Claim {
        let now = self.gateway.clock().now();
        let length = TimeDelta::from_std(self.settings.lease).unwrap_or(TimeDelta::MAX);
        Claim {
            owner: self.owner,
            now,
            until: now + length,
        }
    }

    /// Claims a task and works on it, renewing the claim meanwhile; nothing where another process has it.
    pub(super) async fn holding<F>(
        &self,
        place: &Place,
        work: impl FnOnce(TaskRow) -> F,
    ) -> Result<(), StorageError>
    where
        F: Future<Output = Result<(), StorageError>>,
    {
        let store = self.gateway.store();
        let (workspace, connection) = place.connection;
        let claimed = store
            .claim_task(workspace, connection, place.kind, self.lease())
            .await?;
        let Some(task) = claimed else {
            return Ok(());
        };
        let renew = async {
            loop {
                tokio::time::sleep(self.settings.lease / 3).await;
                if let Err(error) = store.renew_task(&task, self.lease().until).await {
                    tracing::warn!(%error, "a connection's lease was not renewed");
                }
            }
        };
        let done = tokio::select! {
            done = work(task.clone()) => done,
            () = renew => Ok(()),
        };
        if matches!(&done, Err(error) if !matches!(error, StorageError::LeaseLost)) {
            // Where the database is away this fails too, and the lease runs out.
            let pause = TimeDelta::from_std(recovering::pause_after(task.attempts));
            let run_at = self.lease().now + pause.unwrap_or_default();
            let _ = store.release_task(&task, run_at, task.attempts + 1).await;
        }
        done
    }
}

/// A connection's place among those that this process serves; free again when dropped.
pub(super) struct Place {
    engine: Arc<Engine>,
    pub(super) connection: (WorkspaceId, ConnectionId),
    pub(super) kind: TaskKind,
    _permit: tokio::sync::OwnedSemaphorePermit,
}

impl Place {
    fn take(
        engine: &Arc<Engine>,
        connection: (WorkspaceId, ConnectionId),
        kind: TaskKind,
    ) -> Option<Self> {
        let places = match kind {
            TaskKind::Apply => &engine.applying,
            TaskKind::Recover => &engine.recovering,
            TaskKind::Payouts | TaskKind::Fees | TaskKind::Relist => &engine.following,
            TaskKind::RollUp => &engine.rolling_up,
            TaskKind::Tell => &engine.telling,
        };
        let permit = Arc::clone(places).try_acquire_owned().ok()?;
        let is_free = engine.served().insert((connection.1, kind));
        is_free.then(|| Self {
            engine: Arc::clone(engine),
            connection,
            kind,
            _permit: permit,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.kind == TaskKind::Apply {
            let turns = self.engine.turns.lock();
            turns
                .unwrap_or_else(PoisonError::into_inner)
                .insert(self.connection.1, Instant::now());
        }
        self.engine.served().remove(&(self.connection.1, self.kind));
    }
}

impl Engine {
    fn served(&self) -> std::sync::MutexGuard<'_, HashSet<(ConnectionId, TaskKind)>> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
