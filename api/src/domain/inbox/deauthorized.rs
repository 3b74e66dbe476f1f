//! A merchant took the access back, says an event.

use super::fetch::failed;
use crate::{
    domain::Gateway,
    storage::{ConnectionRow, EventOutcome, InboxEventRow, PageRows, StorageError, TaskRow},
};

impl Gateway {
    /// Ends the connection where Stripe confirms it: the event may be of another application, or from before the account
    /// was connected again.
    pub(super) async fn apply_deauthorized(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        events: &[&InboxEventRow],
    ) -> Result<(), StorageError> {
        if events.is_empty() {
            return Ok(());
        }
        let outcome = match self.is_revoked(connection).await {
            Some(true) => {
                self.access_revoked(connection).await?;
                EventOutcome::Applied
            }
            Some(false) => EventOutcome::Ignored("the access to the account is still good"),
            None => {
                let attempts = events.iter().map(|event| event.attempts).max();
                let reason = "it cannot be found out whether the access is gone";
                failed(attempts.unwrap_or_default(), self.clock().now(), reason)
            }
        };
        let ids = events.iter().map(|event| event.id.into()).collect();
        self.settle_rows(task, PageRows::default(), vec![(ids, outcome)])
            .await
            .map(drop)
    }
}
