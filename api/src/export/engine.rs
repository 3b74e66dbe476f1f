//! The engine's loop: finds exports to write and writes each as a task.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::writing;
use crate::{
    domain::Gateway,
    storage::{Claim, StorageError},
};

/// What an operator may decide about the writing of exports.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a claim stands without being renewed: after a crash, an export rests so long.
    pub lease: Duration,
}

/// How often to look for work without being woken: another process may have stored it.
const LOOK: Duration = Duration::from_secs(1);

/// How often to look what is over.
const CLEAR: Duration = Duration::from_secs(15);

/// Exports that a process writes side by side: they read and write as fast as the database lets them, and others want
/// it too.
const WRITING: usize = 2;

/// Writes exports; any number of engines may share one database.
pub struct Engine {
    pub(super) gateway: Gateway,
    pub(super) settings: Settings,
    owner: Uuid,
    places: Arc<Semaphore>,
}

impl Engine {
    /// An engine that has not started.
    #[must_use]
    pub fn new(gateway: Gateway, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            owner: gateway.ids().next(),
            gateway,
            settings,
            places: Arc::new(Semaphore::new(WRITING)),
        })
    }

    /// Works until it is told to stop, then ends the parts under way.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        tokio::join!(self.work(&stop), self.clear(&stop));
    }

    async fn work(self: &Arc<Self>, stop: &CancellationToken) {
        let mut under_way = JoinSet::new();
        while !stop.is_cancelled() {
            // Listening comes before looking: what is asked for in between is heard.
            let asked = self.gateway.exports().notified();
            if let Err(error) = self.take(&mut under_way, stop).await {
                tracing::warn!(%error, "no exports can be written at the moment");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = asked => {}
                () = tokio::time::sleep(LOOK) => {}
                Some(ended) = under_way.join_next() => {
                    if let Err(panic) = ended {
                        tracing::error!(%panic, "the writing of an export failed");
                    }
                }
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Claims exports as long as there is a place.
    async fn take(
        self: &Arc<Self>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<(), StorageError> {
        while let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            let Some(export) = self.gateway.store().claim_export(self.lease()).await? else {
                break;
            };
            let (engine, stop) = (Arc::clone(self), stop.clone());
            under_way.spawn(async move {
                writing::run(&engine, export, &stop).await;
                drop(place);
            });
        }
        Ok(())
    }

    async fn clear(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.gateway.clear_exports().await {
                tracing::warn!(%error, "old exports were not cleared away; trying again soon");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(CLEAR) => {}
            }
        }
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
}
