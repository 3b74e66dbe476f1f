//! How a connection's webhook stands, in words for people.

use super::older::{OlderEndpoint, from_stored};
use crate::storage::{ConnectionStatusReason, WebhookEndpointRow, WebhookProblem};

/// Whether a webhook does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookStatus {
    /// Events arrive.
    Active,
    /// Older endpoints on the same Stripe account point at this gateway too.
    Conflict,
    /// Stripe has switched the endpoint off.
    Disabled,
    /// There is no endpoint that does its work.
    Missing,
}

/// How a webhook stands by what is stored of it.
#[must_use]
pub fn status_of(row: &WebhookEndpointRow) -> WebhookStatus {
    if !conflicting(row).is_empty() {
        WebhookStatus::Conflict
    } else if row.stripe_id.is_none() || row.problem.is_some() {
        WebhookStatus::Missing
    } else if row.disabled {
        WebhookStatus::Disabled
    } else {
        WebhookStatus::Active
    }
}

/// The older endpoints that stand beside a webhook.
#[must_use]
pub fn conflicting(row: &WebhookEndpointRow) -> Vec<OlderEndpoint> {
    from_stored(&row.conflicting)
}

/// What was removed when a webhook took its place.
#[must_use]
pub fn removed(row: &WebhookEndpointRow) -> Vec<OlderEndpoint> {
    from_stored(&row.removed)
}

/// The event types that a webhook does not send, though they are needed.
#[must_use]
pub fn missing_event_types(row: &WebhookEndpointRow) -> Vec<String> {
    serde_json::from_value(row.missing_events.clone()).unwrap_or_default()
}

/// What a person must mend about a webhook, and the same in words; none while it does its work.
pub(in crate::domain) fn complaint(
    row: &WebhookEndpointRow,
) -> Option<(ConnectionStatusReason, String)> {
    let found = match status_of(row) {
        WebhookStatus::Active => return None,
        WebhookStatus::Conflict => (
            ConnectionStatusReason::WebhookConflict,
            conflict_words(&conflicting(row)),
        ),
        WebhookStatus::Disabled => (
            ConnectionStatusReason::WebhookDisabled,
            format!(
                "Stripe has switched the webhook off again, so changes do not arrive. See that {} can be reached from \
                 the internet, then rebuild the webhook.",
                row.url
            ),
        ),
        WebhookStatus::Missing => (ConnectionStatusReason::WebhookMissing, missing_words(row)),
    };
    Some(found)
}

/// What a person must mend about a webhook; none while it does its work.
#[must_use]
pub fn words_about(row: &WebhookEndpointRow) -> Option<String> {
    complaint(row).map(|(_, words)| words)
}

/// What to tell about older endpoints that stand in the way.
#[must_use]
pub fn conflict_words(older: &[OlderEndpoint]) -> String {
    let named = match older {
        [one] => format!("a webhook endpoint ({}) that points", one.stripe_id),
        many => format!("{} webhook endpoints that point", many.len()),
    };
    format!(
        "The Stripe account already has {named} at this gateway. Rebuild the webhook to replace what is there, or remove \
         it in the Stripe dashboard."
    )
}

fn missing_words(row: &WebhookEndpointRow) -> String {
    match row.problem {
        Some(WebhookProblem::Limit) => "The Stripe account has no room for another webhook endpoint, so changes do not \
             arrive. Remove one that is not needed in the Stripe dashboard, then rebuild the webhook."
            .to_owned(),
        Some(WebhookProblem::Url) => format!(
            "Stripe does not send events to {}, so changes do not arrive: the gateway's public URL must be https and \
             reachable from the internet. Ask the operator to set INLET_SERVER__PUBLIC_URL, then rebuild the webhook.",
            row.url
        ),
        Some(WebhookProblem::Refused) => "Stripe did not accept the webhook, so changes do not arrive. Rebuild it; if \
             that fails again, ask the operator to look at the log."
            .to_owned(),
        Some(WebhookProblem::Moved) => "The webhook at Stripe sends to another address than this gateway's, so changes do \
             not arrive: it was changed in the Stripe dashboard, or the gateway's public URL \
             (INLET_SERVER__PUBLIC_URL) was. If the URL is right, rebuild the webhook to have a new one."
            .to_owned(),
        Some(WebhookProblem::Deleted) | None => "The webhook was removed at Stripe, so changes do not arrive. Rebuild it \
             to have a new one."
            .to_owned(),
    }
}
