//! Has the database look at tables that grow, beside the imports.

use std::time::Duration;

use super::held::Held;
use crate::domain::Gateway;

/// In this time an import may double a small table.
const PAUSE: Duration = Duration::from_secs(2);

/// Looks while there is work under way here, and once after it.
pub(super) async fn run(gateway: &Gateway, held: &Held) {
    let mut grows = false;
    loop {
        tokio::time::sleep(PAUSE).await;
        let grew = std::mem::replace(&mut grows, !held.windows().is_empty());
        if !grows && !grew {
            continue;
        }
        if let Err(error) = gateway.store().look_at_grown_tables().await {
            tracing::debug!(%error, "the sizes of tables were not looked at");
        }
    }
}
