//! The inbox on the operator's word.

use super::App;

/// A line for each of the newest events that could not be applied.
pub async fn dead_events(app: &App, limit: u64) -> anyhow::Result<Vec<String>> {
    let dead = app.gateway.dead_events(limit).await?;
    let line = |event: &crate::storage::InboxEventRow| {
        let reason = event.reason.as_deref().unwrap_or("unknown");
        format!(
            "{}  {}  {} {}  {}  {reason}",
            event.connection_id,
            event.received_at.format("%F %T"),
            event.event_type,
            event.object_id,
            event.stripe_id,
        )
    };
    Ok(dead.iter().map(line).collect())
}
