//! What has to be done now and then for all connections, by whichever process comes first.

use std::time::Duration;

use crate::domain::Gateway;

/// How often to look what is due.
const LOOK: Duration = Duration::from_secs(15);

/// Works until it is dropped.
pub(super) async fn run(gateway: &Gateway) {
    loop {
        once(gateway).await;
        tokio::time::sleep(LOOK).await;
    }
}

/// Each part goes on when another fails.
async fn once(gateway: &Gateway) {
    let parts = [
        ("access tokens", gateway.refresh_app_tokens().await),
        ("webhooks", gateway.check_webhooks().await),
        ("old events", gateway.prune_inbox().await),
    ];
    for (part, done) in parts {
        if let Err(error) = done {
            tracing::warn!(%error, "upkeep of {part} failed; trying again soon");
        }
    }
}
