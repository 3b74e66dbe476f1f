//! What has to be done now and then for all connections, by whichever process comes first.

use std::time::Duration;

use crate::{domain::Gateway, storage::StorageError};

/// How often to look what is due.
const LOOK: Duration = Duration::from_secs(15);

/// Works until it is dropped.
pub(super) async fn run(gateway: &Gateway) {
    loop {
        if let Err(error) = once(gateway).await {
            tracing::warn!(%error, "upkeep failed; trying again soon");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn once(gateway: &Gateway) -> Result<(), StorageError> {
    gateway.prune_inbox().await
}
