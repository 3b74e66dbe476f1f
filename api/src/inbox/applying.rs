//! Applies a connection's events until none is due.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::engine::{Engine, Place};
use crate::storage::{StorageError, TaskRow};

/// Events that are applied together.
const BATCH: u64 = 500;

/// Batches in a row: then it is the turn of connections that wait.
const TURN: usize = 20;

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
    for _ in 0..TURN {
        if stop.is_cancelled() {
            break;
        }
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
        gateway.apply_events(&connection, &task, &events).await?;
        gateway.note_arrivals(&connection, &events).await?;
    }
    let now = gateway.clock().now();
    gateway.store().release_task(&task, now, 0).await?;
    if let Some(connection) = gateway.store().find_connection(workspace, id).await? {
        gateway.advance_synced(&connection).await?;
    }
    Ok(())
}
