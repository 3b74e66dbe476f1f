//! What has to be done now and then for all connections, by whichever process comes first.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::Gateway;

/// How often to look what is due.
const LOOK: Duration = Duration::from_secs(15);

/// Works until it is told to stop; what is under way then is ended.
pub(super) async fn run(gateway: &Gateway, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        // Each part goes on when another fails.
        let (tokens, webhooks, events, messages) = tokio::join!(
            gateway.refresh_app_tokens(),
            gateway.check_webhooks(),
            gateway.prune_inbox(),
            gateway.prune_notifications(),
        );
        for (part, done) in [
            ("access tokens", tokens),
            ("webhooks", webhooks),
            ("old events", events),
            ("old messages to partners", messages),
        ] {
            if let Err(error) = done {
                tracing::warn!(%error, "upkeep of {part} failed; trying again soon");
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
