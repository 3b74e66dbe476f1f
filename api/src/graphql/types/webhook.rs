use async_graphql::{Enum, SimpleObject};

use crate::graphql::scalar::{DateTime, Url};

/// Whether a webhook does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(in crate::graphql) enum WebhookStatus {
    /// Events arrive.
    Active,
    /// Older endpoints on the same Stripe account point at this gateway too: rebuildWebhook mends it.
    Conflict,
    /// Stripe has switched the endpoint off.
    Disabled,
    /// The endpoint is not there any more.
    Missing,
}

/// The endpoint at Stripe that keeps a data connection live.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct Webhook {
    /// Whether it does its work.
    status: WebhookStatus,
    /// Where Stripe sends events to.
    url: Url,
    /// The endpoint's id at Stripe, which starts with `we_`.
    stripe_id: Option<String>,
    /// Older endpoints on the same Stripe account that already point at this gateway: what rebuildWebhook removes.
    conflicting_endpoints: Vec<ConflictingEndpoint>,
    /// Event types that the gateway needs and the endpoint does not send.
    missing_event_types: Vec<String>,
    /// When the last event arrived.
    last_event_at: Option<DateTime>,
    /// When the endpoint was created.
    created_at: Option<DateTime>,
}

/// An older endpoint on the same Stripe account that points at this gateway.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct ConflictingEndpoint {
    /// The endpoint's id at Stripe, which starts with `we_`.
    stripe_id: String,
    /// Where it sends events to.
    url: Url,
    /// When it was created.
    created_at: DateTime,
}
