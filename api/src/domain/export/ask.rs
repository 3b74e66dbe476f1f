//! Asking for an export.

use serde_json::json;

use super::extension;
use crate::{
    auth::Caller,
    domain::{
        Gateway,
        payment::{PaymentSearch, SearchError},
    },
    storage::{Enqueued, ExportFormat, ExportRow, ExportState, StorageError},
};

/// What is to be exported.
#[derive(Clone, Debug)]
pub struct NewExport {
    /// Which payments.
    pub search: PaymentSearch,
    /// How they are written.
    pub format: ExportFormat,
}

/// Why nothing is exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportPaymentsError {
    /// The search makes no sense.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// As many are under way as may be.
    #[error(
        "The workspace has as many exports under way as it may ({0}): wait until one is ready, or cancel one."
    )]
    TooManyUnfinished(u64),
    /// As many files are kept as may be.
    #[error(
        "The workspace has as many exports as are kept at once ({0}): cancel one whose file is not needed any more, \
         or wait until one expires."
    )]
    TooManyKept(u64),
    /// The search cannot be written down.
    #[error("the search cannot be written as JSON")]
    Encoding(#[from] serde_json::Error),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Orders an export of the payments that a search finds; a worker writes it from now on.
    pub async fn export_payments(
        &self,
        caller: &Caller,
        new: NewExport,
    ) -> Result<ExportRow, ExportPaymentsError> {
        // What makes no sense is told to whoever can change it.
        self.filter(caller.workspace, &new.search).await?;
        let now = self.clock().now();
        let row = ExportRow {
            id: self.ids().next(),
            workspace_id: caller.workspace.0,
            format: new.format,
            search: serde_json::to_value(&new.search)?,
            state: ExportState::Queued,
            sequence: 1,
            written_rows: 0,
            expected_rows: None,
            written_bytes: 0,
            stored_bytes: 0,
            checksum: 0,
            chunks: 0,
            position_at: None,
            position_id: None,
            failure: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            expires_at: None,
            run_at: now,
            attempts: 0,
            lease_until: None,
            fence: 0,
        };
        let detail = json!({ "format": extension(new.format) });
        let entry = self.audit_by(caller, "payments.exported", row.id, detail);
        let limits = self.policy().exports.limits;
        match self.store().enqueue_export(row, limits, entry).await? {
            Enqueued::Stored(row) => {
                self.exports().notify_waiters();
                Ok(*row)
            }
            Enqueued::TooManyUnfinished => {
                Err(ExportPaymentsError::TooManyUnfinished(limits.unfinished))
            }
            Enqueued::TooManyKept => Err(ExportPaymentsError::TooManyKept(limits.kept)),
        }
    }
}
