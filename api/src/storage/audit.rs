//! The audit log: appended in the transaction of what it tells.

use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};

use super::{AuditRow, StorageError};

/// Appends an entry.
pub(super) async fn append(
    transaction: &impl ConnectionTrait,
    entry: AuditRow,
) -> Result<(), StorageError> {
    entry.into_active_model().insert(transaction).await?;
    Ok(())
}
