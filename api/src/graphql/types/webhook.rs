use async_graphql::{Enum, SimpleObject};

use crate::{
    domain::{self, webhook},
    graphql::scalar::{DateTime, Url},
    storage::WebhookEndpointRow,
};

/// Whether a webhook does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "webhook::WebhookStatus")]
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

impl Webhook {
    /// A connection's own webhook; none where its address is no URL.
    pub(in crate::graphql) fn of(row: &WebhookEndpointRow) -> Option<Self> {
        Some(Self {
            status: webhook::status_of(row).into(),
            url: read(&row.url)?,
            stripe_id: row.stripe_id.clone(),
            conflicting_endpoints: ConflictingEndpoint::all(webhook::conflicting(row)),
            missing_event_types: webhook::missing_event_types(row),
            last_event_at: row.last_event_at.map(DateTime),
            created_at: row.stripe_id.as_ref().map(|_| DateTime(row.created_at)),
        })
    }

    /// The platform's webhook, as a connection that was authorized has it.
    pub(in crate::graphql) fn of_platform(platform: &webhook::PlatformWebhook) -> Option<Self> {
        let status = if platform.configured {
            webhook::WebhookStatus::Active
        } else {
            webhook::WebhookStatus::Missing
        };
        Some(Self {
            status: status.into(),
            url: read(&platform.url)?,
            stripe_id: None,
            conflicting_endpoints: Vec::new(),
            missing_event_types: Vec::new(),
            last_event_at: None,
            created_at: None,
        })
    }
}

fn read(url: &str) -> Option<Url> {
    url.parse::<url::Url>().ok().map(Url::from)
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

impl ConflictingEndpoint {
    /// Those whose address can be shown, which is every one that was found to point here.
    pub(in crate::graphql) fn all(older: Vec<domain::webhook::OlderEndpoint>) -> Vec<Self> {
        let shown = older.into_iter().filter_map(|endpoint| {
            Some(Self {
                url: read(&endpoint.url)?,
                created_at: DateTime(endpoint.created_at()),
                stripe_id: endpoint.stripe_id,
            })
        });
        shown.collect()
    }
}
