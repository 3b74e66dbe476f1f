//! Giving an import up, on a user's word.

use crate::{
    auth::Caller,
    domain::Gateway,
    ids::ImportId,
    storage::{ImportRow, StorageError},
};

/// Why an import was not canceled.
#[derive(Debug, thiserror::Error)]
pub enum CancelImportError {
    /// There is no such import.
    #[error("There is no such import.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Cancels an import at once: pages that are still on their way are not written. One that has ended stays as it
    /// is.
    pub async fn cancel_import(
        &self,
        caller: &Caller,
        id: ImportId,
    ) -> Result<ImportRow, CancelImportError> {
        let now = self.clock().now();
        let canceled = self
            .store()
            .cancel_import(caller.workspace, id, now)
            .await?;
        let import = canceled.ok_or(CancelImportError::NotFound)?;
        self.publish_progress(caller.workspace, id).await;
        Ok(import)
    }
}
