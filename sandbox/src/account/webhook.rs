//! The webhook endpoints of an account.

use serde::Serialize;
use serde_json::{Map, Value};

/// How many endpoints fit into an account and mode.
const LIMIT: usize = 16;

/// A webhook endpoint; its secret is only in the answer to its creation.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WebhookEndpoint {
    pub(crate) id: String,
    pub(crate) object: &'static str,
    pub(crate) api_version: Option<String>,
    pub(crate) application: Option<String>,
    pub(crate) created: i64,
    pub(crate) description: Option<String>,
    pub(crate) enabled_events: Vec<String>,
    pub(crate) livemode: bool,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) status: &'static str,
    pub(crate) url: String,
}

/// The endpoints of an account, oldest first.
#[derive(Default)]
pub(crate) struct WebhookEndpoints(Vec<WebhookEndpoint>);

impl WebhookEndpoints {
    pub(crate) fn is_full(&self) -> bool {
        self.0.len() >= LIMIT
    }

    pub(crate) fn add(&mut self, endpoint: WebhookEndpoint) {
        self.0.push(endpoint);
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &WebhookEndpoint> {
        self.0.iter().rev()
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut WebhookEndpoint> {
        self.0.iter_mut().find(|endpoint| endpoint.id == id)
    }

    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|endpoint| endpoint.id != id);
        self.0.len() < before
    }
}
