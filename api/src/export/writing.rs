//! Writes one export to its end.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::engine::Engine;
use crate::{
    domain::export::WriteExportError,
    storage::{ExportRow, ExportState, StorageError},
};

/// How often those who watch are told at most, but for the end.
const TELL: Duration = Duration::from_millis(250);

/// Failures in a row after which an export is given up.
const MOST_ATTEMPTS: i32 = 5;

/// How long to wait where the database is away.
const AWAY: TimeDelta = TimeDelta::seconds(5);

const TOO_SLOW: &str = "The payments could not be read, five times in a row: the database failed or took too long. \
                        Narrow the filter, for example to a span of `createdAt`, and export again.";

const UNREADABLE: &str =
    "This export was asked for in another version of the gateway: export again.";

#[tracing::instrument(name = "export.write", skip_all, fields(export.id = %export.id))]
pub(super) async fn run(engine: &Engine, export: ExportRow, stop: &CancellationToken) {
    let claimed = export.clone();
    let renew = async {
        loop {
            tokio::time::sleep(engine.settings.lease / 3).await;
            let until = engine.lease().until;
            if let Err(error) = engine.gateway.store().renew_export(&claimed, until).await {
                tracing::warn!(%error, "an export's lease was not renewed");
            }
        }
    };
    let done = tokio::select! {
        done = write(engine, export, stop) => done,
        () = renew => Ok(()),
    };
    match done {
        Ok(()) => {}
        Err(StorageError::LeaseLost) => {
            tracing::info!("the export was called off, or another process has it");
        }
        Err(error) => tracing::warn!(%error, "an export was not written; going on soon"),
    }
}

async fn write(
    engine: &Engine,
    mut export: ExportRow,
    stop: &CancellationToken,
) -> Result<(), StorageError> {
    let gateway = &engine.gateway;
    gateway.publish_export(&export).await;
    let mut told = Instant::now();
    while export.state == ExportState::Running {
        if stop.is_cancelled() {
            // What is written is stored, and the rest goes on from there.
            let now = gateway.clock().now();
            return gateway
                .store()
                .release_export(&export, now, export.attempts)
                .await;
        }
        export = match gateway.write_export(&export).await {
            Ok(export) => export,
            Err(error) => return failed(engine, &export, error).await,
        };
        if told.elapsed() >= TELL || export.state != ExportState::Running {
            told = Instant::now();
            gateway.publish_export(&export).await;
        }
    }
    tracing::info!(
        rows = export.written_rows,
        bytes = export.written_bytes,
        "an export is ready"
    );
    Ok(())
}

/// What becomes of an export of which a part was not written: it is tried again, or given up where that cannot help.
async fn failed(
    engine: &Engine,
    export: &ExportRow,
    error: WriteExportError,
) -> Result<(), StorageError> {
    let gateway = &engine.gateway;
    let now = gateway.clock().now();
    let attempts = export.attempts + 1;
    let why = match &error {
        WriteExportError::Storage(StorageError::LeaseLost) => return Err(StorageError::LeaseLost),
        WriteExportError::Storage(away) if away.is_unavailable() => {
            let again = now + AWAY;
            // Where the database is away this fails too, and the lease runs out.
            return gateway
                .store()
                .release_export(export, again, export.attempts)
                .await;
        }
        WriteExportError::Search(refused) => refused.to_string(),
        WriteExportError::Unreadable(_) => UNREADABLE.to_owned(),
        WriteExportError::Storage(_) | WriteExportError::Encoding(_) => {
            if attempts < MOST_ATTEMPTS {
                tracing::warn!(%error, attempts, "a part of an export was not written");
                let pause = TimeDelta::seconds(1 << attempts);
                let store = gateway.store();
                return store.release_export(export, now + pause, attempts).await;
            }
            TOO_SLOW.to_owned()
        }
    };
    tracing::warn!(%error, "an export is given up");
    let export = gateway.store().fail_export(export, &why, now).await?;
    gateway.publish_export(&export).await;
    Ok(())
}
