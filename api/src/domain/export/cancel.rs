//! Calling an export off, on a user's word.

use crate::{
    auth::Caller,
    domain::Gateway,
    ids::ExportId,
    storage::{ExportRow, StorageError},
};

/// Why an export was not canceled.
#[derive(Debug, thiserror::Error)]
pub enum CancelExportError {
    /// There is no such export.
    #[error("There is no such export.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Cancels an export at once: nothing more is written, and a file that is there cannot be read any more. One that has
    /// ended otherwise stays as it is.
    pub async fn cancel_export(
        &self,
        caller: &Caller,
        id: ExportId,
    ) -> Result<ExportRow, CancelExportError> {
        let now = self.clock().now();
        let store = self.store();
        let canceled = store.cancel_export(caller.workspace, id, now).await?;
        let export = canceled.ok_or(CancelExportError::NotFound)?;
        self.publish_export(&export).await;
        Ok(export)
    }
}
