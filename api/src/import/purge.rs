//! Deletes the data of disconnected connections, beside the imports.

use std::time::Duration;

use crate::domain::Gateway;

/// How often to look without being woken: another process may have been asked, and then died.
const LOOK: Duration = Duration::from_mins(1);

pub(super) async fn run(gateway: &Gateway) {
    loop {
        let asked = gateway.work().notified();
        if let Err(error) = gateway.purge_disconnected().await {
            tracing::error!(%error, "imported data could not be deleted; trying again soon");
        }
        tokio::select! {
            () = asked => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
