//! The engine's loop: claims windows and runs each as a task.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{held::Held, publisher::Publisher, purge, table_sizes, window_run};
use crate::{
    domain::{Gateway, connection::CredentialError},
    ids::{ConnectionId, WindowId, WorkspaceId},
    storage::{
        Claim, ConnectionRow, ImportFailure, ImportRow, ImportStatus, StorageError, WindowRow,
    },
};

/// What an operator may decide about imports.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Windows of one connection side by side.
    pub concurrency: u32,
    /// How long a claim stands without being renewed: after a crash, work rests so long.
    pub lease: Duration,
}

/// How often to look for work without being woken, and whether what is under way is still wanted.
const LOOK: Duration = Duration::from_millis(500);

/// Runs the imports of all connections; any number of engines may share one database.
pub struct Engine {
    pub(super) gateway: Gateway,
    pub(super) publisher: Publisher,
    settings: Settings,
    owner: Uuid,
    held: Held,
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
            held: Held::default(),
        })
    }

    /// Works until it is told to stop, then finishes the pages under way and gives their windows back.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let beside = async {
            tokio::join!(
                self.renew(),
                self.drop_lost(),
                self.publisher.run(),
                purge::run(&self.gateway),
                table_sizes::run(&self.gateway, &self.held)
            );
        };
        tokio::select! {
            () = self.work(&stop) => {}
            () = beside => {}
        }
    }

    async fn work(self: &Arc<Self>, stop: &CancellationToken) {
        let mut under_way = JoinSet::new();
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
                Some(ended) = under_way.join_next() => note_end(ended),
            }
        }
        while let Some(ended) = under_way.join_next().await {
            note_end(ended);
        }
    }

    /// Fills every connection's free places with windows.
    async fn claim(
        self: &Arc<Self>,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<(), StorageError> {
        let store = self.gateway.store();
        let now = self.gateway.clock().now();
        for (_, connection) in store.list_connections_with_work(now).await? {
            let free = self
                .settings
                .concurrency
                .saturating_sub(self.held.count(connection));
            if free == 0 {
                continue;
            }
            let claimed = store.claim_windows(connection, self.lease(), free.into());
            let windows = match claimed.await {
                Ok(windows) => windows,
                Err(error) => {
                    // The others are not to wait for this one.
                    tracing::warn!(connection.id = %connection, %error, "no work can be claimed of connection {connection}");
                    continue;
                }
            };
            for window in windows {
                let hold = self.held.take(WindowId(window.id), connection);
                let lost = hold.lost.clone();
                let run = window_run::run(Arc::clone(self), window, stop.clone(), lost);
                under_way.spawn(async move {
                    let _hold = hold;
                    run.await;
                });
            }
        }
        Ok(())
    }

    /// Windows of one connection side by side, at most.
    pub(super) fn width(&self) -> usize {
        usize::try_from(self.settings.concurrency).unwrap_or(usize::MAX)
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
            let held = self.held.windows();
            if let Err(error) = self.gateway.store().renew_leases(self.lease(), &held).await {
                tracing::warn!(%error, "the leases were not renewed");
            }
        }
    }

    /// An import that was canceled here or elsewhere asks Stripe for nothing more.
    async fn drop_lost(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let held = self.held.windows();
            match self.gateway.store().lost_windows(self.owner, &held).await {
                Ok(lost) => self.held.lose(&lost),
                Err(error) => tracing::debug!(%error, "whether windows were lost is not known"),
            }
        }
    }

    /// An import changed: tells those who watch, and notes on the connection that its credentials work.
    pub(super) async fn note(&self, import: &ImportRow) -> Result<(), StorageError> {
        self.publisher.note(import).await;
        if import.status == ImportStatus::Succeeded {
            let workspace = WorkspaceId(import.workspace_id);
            let connection = ConnectionId(import.connection_id);
            self.gateway.note_recovery(workspace, connection).await?;
            self.gateway.recover_after(import).await?;
        }
        Ok(())
    }

    /// Ends the import of a window, and tells those who watch.
    pub(super) async fn fail(
        &self,
        window: &WindowRow,
        failure: ImportFailure,
    ) -> Result<(), StorageError> {
        let workspace = WorkspaceId(window.workspace_id);
        let import = Gateway::import_of(window);
        let now = self.gateway.clock().now();
        self.gateway
            .store()
            .fail_import(workspace, import, failure, now)
            .await?;
        if let Some(failed) = self.gateway.store().find_import(workspace, import).await? {
            self.gateway.note_failed_import(&failed).await?;
        }
        self.gateway.publish_progress(workspace, import).await;
        Ok(())
    }

    /// The credentials of a window's connection cannot be used: its import ends, and the connection says so.
    pub(super) async fn cannot_call(
        &self,
        window: &WindowRow,
        connection: &ConnectionRow,
        error: &CredentialError,
    ) -> Result<(), StorageError> {
        let workspace = WorkspaceId(connection.workspace_id);
        self.gateway
            .note_unusable(workspace, ConnectionId(connection.id), error)
            .await?;
        self.fail(window, error.as_import_failure(connection)).await
    }
}

/// A window's task that panicked holds it no more: another claim takes it over when the lease has run out.
fn note_end(ended: Result<(), JoinError>) {
    if let Err(panic) = ended {
        tracing::error!(%panic, "a window's task failed");
    }
}
