//! Forgetting deliveries.

use chrono::TimeDelta;

use crate::{domain::Gateway, storage::StorageError};

/// How long deliveries are kept.
const KEPT: TimeDelta = TimeDelta::days(31);

/// Deliveries that go in one statement: short enough to let others write in between.
const BATCH: u64 = 1_000;

impl Gateway {
    /// Deletes deliveries that are too old, and those of endpoints that were deleted.
    pub async fn prune_notifications(&self) -> Result<(), StorageError> {
        let before = self.clock().now() - KEPT;
        while self.store().prune_deliveries(before, BATCH).await? >= BATCH {}
        Ok(())
    }
}
