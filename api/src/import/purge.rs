//! Deletes the data of disconnected connections, beside the imports.

use std::time::Duration;

use crate::domain::Gateway;

/// How often to look without being woken: another process may have been asked, and then died.
const LOOK: Duration = Duration::from_mins(1);

/// How soon to try again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

pub(super) async fn run(gateway: &Gateway) {
    loop {
        let asked = gateway.work().notified();
        let pause = match gateway.purge_disconnected().await {
            Ok(()) => LOOK,
            Err(error) => {
                tracing::error!(%error, "imported data could not be deleted; trying again soon");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = asked => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}
