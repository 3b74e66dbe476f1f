//! Forgetting events that Stripe cannot send again.

use chrono::TimeDelta;

use crate::{domain::Gateway, storage::StorageError};

/// Stripe lists events for thirty days, and can send them again for as long (Stripe contract sections 4.4 and 4.9).
const KEPT: TimeDelta = TimeDelta::days(31);

/// Events that go in one statement: short enough to let others write in between.
const BATCH: u64 = 5_000;

impl Gateway {
    /// Deletes settled events that are too old to come again; those that were given up stay.
    pub async fn prune_inbox(&self) -> Result<(), StorageError> {
        let before = self.clock().now() - KEPT;
        for connection in self.store().list_inbox_owners().await? {
            while self.store().prune_events(connection, before, BATCH).await? == BATCH {}
        }
        Ok(())
    }
}
