//! Older endpoints that point at this gateway, as they are told and stored.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::stripe::WebhookEndpoint;

/// An endpoint at Stripe that points at this gateway and is not the connection's webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OlderEndpoint {
    /// `we_…`
    pub stripe_id: String,
    /// Where it sends events to.
    pub url: String,
    /// Unix seconds.
    created: i64,
}

impl OlderEndpoint {
    /// When it was created.
    #[must_use]
    pub fn created_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.created, 0).unwrap_or_default()
    }
}

impl From<&WebhookEndpoint> for OlderEndpoint {
    fn from(endpoint: &WebhookEndpoint) -> Self {
        Self {
            stripe_id: endpoint.id.clone(),
            url: endpoint.url.clone(),
            created: endpoint.created,
        }
    }
}

pub(super) fn to_stored(endpoints: &[OlderEndpoint]) -> Value {
    serde_json::to_value(endpoints).unwrap_or_default()
}

pub(super) fn from_stored(value: &Value) -> Vec<OlderEndpoint> {
    serde_json::from_value(value.clone()).unwrap_or_default()
}
