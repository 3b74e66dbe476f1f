//! Has the database look at tables that grow, beside the imports.

use std::time::Duration;

use super::held::Held;
use crate::domain::Gateway;

/// In this time an import may double a small table.
const PAUSE: Duration = Duration::from_secs(2);

/// How many times to look once there is no more work: a server process of PostgreSQL that has nothing to do says what it
/// wrote up to ten seconds late.
const LOOKS_AFTER: u32 = 7;

/// Looks while there is work here, and for a while after it.
pub(super) async fn run(gateway: &Gateway, held: &Held) {
    let (mut seen, mut left) = (0, 0);
    loop {
        tokio::time::sleep(PAUSE).await;
        if held.worked_since(&mut seen) {
            left = LOOKS_AFTER;
        } else if left == 0 {
            continue;
        } else {
            left -= 1;
        }
        if let Err(error) = gateway.store().look_at_grown_tables().await {
            tracing::debug!(%error, "the sizes of tables were not looked at");
        }
    }
}
