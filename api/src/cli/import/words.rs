//! What is said of imports at a terminal. Nothing in it moves the cursor or changes colours.

use std::time::Duration;

use crate::app::{ImportProgress, ImportStanding, ImportStatus, PlacedImport, ResourceProgress};

/// Said where nobody takes an import up.
pub(super) const NO_WORKER: &str = "No worker seems to be running: the import waits until `inlet serve`, or `inlet serve --role worker`, runs on \
     this database.";

/// How to see an import's progress.
pub(super) fn how_to_follow(import: &PlacedImport) -> String {
    let connection = &import.connection;
    format!("see how far it is with: inlet import status --connection {connection} --follow")
}

/// A line for the import as a whole.
pub(super) fn summary(standing: &ImportStanding) -> String {
    let progress = &standing.progress;
    let mut parts = vec![format!(
        "{}, {}",
        status(progress.status),
        amounts(progress)
    )];
    if progress.status == ImportStatus::Running {
        if let Some(rate) = progress.payments_per_second {
            parts.push(format!("{rate:.0} payments/s"));
        }
        if let Some(left) = progress.eta_seconds {
            let left = Duration::from_secs(left.unsigned_abs());
            parts.push(format!("about {} left", humantime::format_duration(left)));
        }
    }
    let mut line = parts.join(", ");
    for more in [&progress.current_trouble, &standing.failure]
        .into_iter()
        .flatten()
    {
        line = format!("{line}. {more}");
    }
    line
}

fn amounts(progress: &ImportProgress) -> String {
    format!(
        "{}%, {} payments, {} objects",
        percent(progress.percent_complete),
        progress.imported_payments,
        progress.imported_objects
    )
}

/// A line for one resource of an import of this status.
pub(super) fn resource(progress: &ResourceProgress, import: ImportStatus) -> String {
    let line = format!(
        "{}: {}, {}%, {} objects",
        name(progress),
        resource_status(progress, import),
        percent(progress.percent_complete),
        progress.imported_objects
    );
    match &progress.note {
        Some(note) => format!("{line}. {note}"),
        None => line,
    }
}

/// The resource's name as people write it.
pub(super) fn name(progress: &ResourceProgress) -> String {
    progress.resource.name().replace('_', " ")
}

/// Where a resource stands. One that is canceled in an import that is not is left out of it.
pub(super) fn resource_status(progress: &ResourceProgress, import: ImportStatus) -> &'static str {
    if progress.status == ImportStatus::Canceled && import != ImportStatus::Canceled {
        "left out"
    } else {
        status(progress.status)
    }
}

/// Where an import stands.
pub(super) fn status(status: ImportStatus) -> &'static str {
    match status {
        ImportStatus::Queued => "queued",
        ImportStatus::Running => "running",
        ImportStatus::Succeeded => "succeeded",
        ImportStatus::Failed => "failed",
        ImportStatus::Canceled => "canceled",
    }
}

/// Whole percents, cut: only what is finished shows 100.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 100"
)]
pub(super) fn percent(percent: f64) -> u64 {
    percent.clamp(0.0, 100.0) as u64
}
