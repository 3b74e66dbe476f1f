//! Exports: payments that a search finds, as a file.
//!
//! What is to be written is a row; whoever claims it writes the file page by page, each with its checkpoint, into the
//! database, where every process finds it. `export/` executes what is decided here.

mod ask;
mod cancel;
mod csv;
mod deflate;
mod download;
mod line;
mod link;
mod upkeep;
mod watch;
mod write;

pub use ask::{ExportPaymentsError, NewExport};
pub use cancel::CancelExportError;
pub use download::{Coding, Download, DownloadError};
pub use write::WriteExportError;

use chrono::{DateTime, TimeDelta, Utc};

use crate::storage::{ExportFormat, ExportLimits, ExportRow, ExportState};

/// What an operator may decide about exports.
#[derive(Clone, Copy, Debug)]
pub struct ExportPolicy {
    /// How long a file is kept.
    pub kept: TimeDelta,
    /// How long a link to a file is good.
    pub link: TimeDelta,
    /// How many a workspace may have.
    pub limits: ExportLimits,
}

/// Where an export stands now: a file whose time is over is gone, whether it was deleted yet or not.
#[must_use]
pub fn state_of(export: &ExportRow, now: DateTime<Utc>) -> ExportState {
    let over = export.expires_at.is_some_and(|end| end <= now);
    match export.state {
        ExportState::Ready if over => ExportState::Expired,
        state => state,
    }
}

/// What the names of files end with.
fn extension(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Jsonl => "jsonl",
        ExportFormat::Csv => "csv",
    }
}
