//! The engine's loop: finds connections with work and serves each as a task.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{applying, recovering, upkeep};
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

/// Connections served side by side.
const SIDE_BY_SIDE: usize = 16;

/// Keeps connections live; any number of engines may share one database.
pub struct Engine {
    pub(super) gateway: Gateway,
    pub(super) settings: Settings,
    owner: Uuid,
    places: Arc<Semaphore>,
    served: Mutex<HashSet<(ConnectionId, TaskKind)>>,
}

impl Engine {
    /// An engine that has not started.
    #[must_use]
    pub fn new(gateway: Gateway, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            owner: gateway.ids().next(),
            gateway,
            settings,
            places: Arc::new(Semaphore::new(SIDE_BY_SIDE)),
            served: Mutex::default(),
        })
    }

    /// Works until it is told to stop, then ends the batches under way.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let now = self.gateway.clock().now();
        // What happened while no process ran is looked for first.
        if let Err(error) = self.gateway.store().hasten_recoveries(now).await {
            tracing::warn!(%error, "missing events are looked for later");
        }
        tokio::select! {
            () = self.work(&stop) => {}
            () = upkeep::run(&self.gateway) => {}
        }
    }

    async fn work(self: &Arc<Self>, stop: &CancellationToken) {
        let mut under_way = JoinSet::new();
        while !stop.is_cancelled() {
            // Listening comes before looking: what arrives in between is heard.
            let arrived = self.gateway.arrivals().notified();
            if let Err(error) = self.serve(&mut under_way, stop).await {
                tracing::warn!(%error, "no events can be applied at the moment");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = arrived => {}
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

    /// Serves every connection with work that this process does not serve already.
    async fn serve(
        self: &Arc<Self>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<(), StorageError> {
        let store = self.gateway.store();
        let now = self.gateway.clock().now();
        for due in store.list_connections_with_events(now).await? {
            if let Some(place) = Place::take(self, due, TaskKind::Apply) {
                let serve = applying::run(Arc::clone(self), place, stop.clone());
                under_way.spawn(serve);
            }
        }
        for due in store.list_due_recoveries(now).await? {
            if let Some(place) = Place::take(self, due, TaskKind::Recover) {
                under_way.spawn(recovering::run(Arc::clone(self), place, stop.clone()));
            }
        }
        Ok(())
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
            let _ = store
                .release_task(&task, self.lease().now, task.attempts)
                .await;
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
        let permit = Arc::clone(&engine.places).try_acquire_owned().ok()?;
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
        self.engine.served().remove(&(self.connection.1, self.kind));
    }
}

impl Engine {
    fn served(&self) -> std::sync::MutexGuard<'_, HashSet<(ConnectionId, TaskKind)>> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
