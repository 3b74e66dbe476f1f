//! Applies a connection's events until none is due.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::engine::{Engine, Place};
use crate::storage::{StorageError, TaskRow};

/// Events that are applied together.
const BATCH: u64 = 500;

/// How long a connection is served: then it is the turn of those that wait.
const TURN: Duration = Duration::from_secs(5);

#[tracing::instrument(name = "inbox.apply", skip_all, fields(connection.id = %place.connection.1))]
pub(super) async fn run(engine: Arc<Engine>, place: Place, stop: CancellationToken) {
    let done = engine
        .holding(&place, |task| apply(&engine, &place, task, stop))
        .await;
    match done {
        Ok(()) => {}
        Err(StorageError::LeaseLost) => tracing::info!("another process applies the events"),
        Err(error) => tracing::warn!(%error, "events were not applied; trying again soon"),
    }
}

async fn apply(
    engine: &Engine,
    place: &Place,
    task: TaskRow,
    stop: CancellationToken,
) -> Result<(), StorageError> {
    let gateway = &engine.gateway;
    let (workspace, id) = place.connection;
    let until = Instant::now() + TURN;
    while Instant::now() < until && !stop.is_cancelled() {
        let now = gateway.clock().now();
        let events = gateway
            .store()
            .list_due_events(workspace, id, now, BATCH)
            .await?;
        // Read anew for each batch: the credentials may have changed.
        let connection = gateway.store().find_connection(workspace, id).await?;
        let Some(connection) = connection.filter(|_| !events.is_empty()) else {
            break;
        };
        if let Some(oldest) = events.iter().map(|event| event.received_at).min() {
            let lag = (now - oldest).as_seconds_f64();
            metrics::histogram!("inlet_inbox_lag_seconds").record(lag.max(0.0));
        }
        gateway
            .apply_events(&connection, &task, &events, until)
            .await?;
        gateway.note_arrivals(&connection, &events).await?;
    }
    let now = gateway.clock().now();
    gateway.store().release_task(&task, now, 0).await?;
    if let Some(connection) = gateway.store().find_connection(workspace, id).await? {
        gateway.advance_synced(&connection).await?;
    }
    Ok(())
}
