//! The webhook endpoints of an account.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

/// How many endpoints fit into an account and mode.
const LIMIT: usize = 16;

/// How many versions they may have besides the account's own.
const FURTHER_VERSIONS: usize = 3;

/// A webhook endpoint; its secret is only in the answer to its creation.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WebhookEndpoint {
    pub(crate) id: String,
    pub(crate) object: &'static str,
    pub(crate) api_version: Option<String>,
    /// Set for the endpoints that get the events of connected accounts.
    pub(crate) application: Option<String>,
    pub(crate) created: i64,
    pub(crate) description: Option<String>,
    pub(crate) enabled_events: Vec<String>,
    pub(crate) livemode: bool,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) status: &'static str,
    pub(crate) url: String,
    #[serde(skip)]
    pub(crate) secret: String,
}

impl WebhookEndpoint {
    pub(crate) fn is_enabled(&self) -> bool {
        self.status == "enabled"
    }

    /// Whether it takes new events of this type, of its own account or of connected ones.
    pub(crate) fn wants(&self, kind: &str, connect: bool) -> bool {
        self.is_enabled()
            && self.application.is_some() == connect
            && self
                .enabled_events
                .iter()
                .any(|name| name == "*" || name == kind)
    }
}

/// Why an endpoint does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// There are as many as there may be.
    Endpoints,
    /// There are as many versions as there may be.
    Versions,
}

/// The endpoints of an account, oldest first.
#[derive(Default)]
pub(crate) struct WebhookEndpoints(Vec<WebhookEndpoint>);

impl WebhookEndpoints {
    /// Whether one more of this version fits into an account of that one.
    pub(crate) fn room_for(&self, version: Option<&str>, default: &str) -> Result<(), NoRoom> {
        if self.0.len() >= LIMIT {
            return Err(NoRoom::Endpoints);
        }
        let known = self
            .0
            .iter()
            .filter_map(|known| known.api_version.as_deref());
        let further: BTreeSet<_> = known.chain(version).filter(|it| *it != default).collect();
        let is_new = version.is_some_and(|it| it != default);
        if is_new && further.len() > FURTHER_VERSIONS {
            return Err(NoRoom::Versions);
        }
        Ok(())
    }

    pub(crate) fn add(&mut self, endpoint: WebhookEndpoint) {
        self.0.push(endpoint);
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &WebhookEndpoint> {
        self.0.iter().rev()
    }

    pub(crate) fn find(&self, id: &str) -> Option<&WebhookEndpoint> {
        self.0.iter().find(|endpoint| endpoint.id == id)
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
