//! Looks for a connection's events that never arrived.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::engine::{Engine, Place};
use crate::{
    domain::{
        connection::UsedCredential,
        inbox::{Recovery, RecoveryError},
    },
    storage::{ConnectionRow, StorageError, TaskRow},
};

/// The pause after the first failure; it doubles with each one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// How long to wait for an import that is under way.
const FOR_IMPORT: Duration = Duration::from_mins(1);

/// The longest pause after a failure.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_mins(15);

#[tracing::instrument(name = "inbox.recover", skip_all, fields(connection.id = %place.connection.1))]
pub(super) async fn run(engine: Arc<Engine>, place: Place, stop: CancellationToken) {
    let done = engine
        .holding(&place, |task| async {
            let given = task.clone();
            tokio::select! {
                done = recover(&engine, &place, task) => done,
                // What was found is stored, and the rest is looked for again.
                () = stop.cancelled() => give_back(&engine, &given).await,
            }
        })
        .await;
    if let Err(error) = done {
        tracing::warn!(%error, "missing events were not looked for; trying again soon");
    }
}

async fn recover(engine: &Engine, place: &Place, task: TaskRow) -> Result<(), StorageError> {
    let gateway = &engine.gateway;
    let (workspace, id) = place.connection;
    let Some(connection) = gateway.store().find_connection(workspace, id).await? else {
        return Ok(());
    };
    match gateway.recover_events(&connection, &task).await {
        Ok(Recovery::Through(through)) => finish(engine, &connection, &task, Some(through)).await,
        Ok(Recovery::NotListed) => finish(engine, &connection, &task, None).await,
        Ok(Recovery::Waiting) => put_off(engine, &task, FOR_IMPORT).await,
        Err(error) => failed(engine, &connection, &task, error).await,
    }
}

/// What becomes of a task that could not ask Stripe: it is put off, and where only the account's owner can help, the
/// connection says so.
pub(super) async fn failed(
    engine: &Engine,
    connection: &ConnectionRow,
    task: &TaskRow,
    error: RecoveryError,
) -> Result<(), StorageError> {
    let gateway = &engine.gateway;
    let (workspace, id) = (connection.workspace_id.into(), connection.id.into());
    match error {
        RecoveryError::Storage(error) => Err(error),
        RecoveryError::Credentials(error) => {
            gateway.note_unusable(workspace, id, &error).await?;
            put_off(engine, task, LONGEST_PAUSE).await
        }
        RecoveryError::Stripe(error) => {
            tracing::info!(
                task.kind = ?task.kind,
                stripe.request_id = error.request_id,
                "a list was not read: {error}"
            );
            let used = UsedCredential::of(connection);
            let lasting = gateway.note_refusal(workspace, id, &used, &error).await?;
            let pause = if error.ends_connection() && lasting {
                LONGEST_PAUSE
            } else {
                pause_after(task.attempts)
            };
            let pause = pause.max(error.retry_after().unwrap_or_default());
            put_off(engine, task, pause).await
        }
    }
}

pub(super) async fn give_back(engine: &Engine, task: &TaskRow) -> Result<(), StorageError> {
    let gateway = &engine.gateway;
    let now = gateway.clock().now();
    gateway.store().release_task(task, now, task.attempts).await
}

async fn finish(
    engine: &Engine,
    connection: &ConnectionRow,
    task: &TaskRow,
    through: Option<DateTime<Utc>>,
) -> Result<(), StorageError> {
    let gateway = &engine.gateway;
    let next = engine.next_recovery();
    gateway.store().finish_task(task, through, next).await?;
    if through.is_some() {
        // Stripe answered: what was refused before is not any more.
        let (workspace, id) = (connection.workspace_id.into(), connection.id.into());
        gateway.note_recovery(workspace, id).await?;
    }
    gateway.advance_synced(connection).await
}

/// Doubling, up to the longest.
pub(super) fn pause_after(attempts: i32) -> Duration {
    let doublings = attempts.clamp(0, 16).unsigned_abs();
    FIRST_PAUSE
        .saturating_mul(1 << doublings)
        .min(LONGEST_PAUSE)
}

pub(super) async fn put_off(
    engine: &Engine,
    task: &TaskRow,
    pause: Duration,
) -> Result<(), StorageError> {
    let gateway = &engine.gateway;
    let pause = TimeDelta::from_std(pause).unwrap_or_default();
    let run_at = gateway.clock().now() + pause;
    gateway
        .store()
        .release_task(task, run_at, task.attempts + 1)
        .await
}

impl Engine {
    /// When to look next: connections that were looked at together drift apart.
    fn next_recovery(&self) -> DateTime<Utc> {
        let [byte] = self.gateway.ids().random::<1>();
        let pause = self
            .settings
            .recovery_interval
            .mul_f64(0.9 + f64::from(byte) / 1_280.0);
        self.gateway.clock().now() + TimeDelta::from_std(pause).unwrap_or_default()
    }
}
