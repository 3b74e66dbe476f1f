//! Making endpoints.

use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::facts::{EndpointError, Facts};
use crate::{
    auth::Caller,
    domain::Gateway,
    ids::ConnectionId,
    storage::{NotificationEndpointRow, NotificationEndpointState, NotificationType},
};

/// The most endpoints of a workspace: so many messages one change can make.
const MOST: u64 = 20;

/// What an endpoint is to be.
#[derive(Clone, Debug)]
pub struct NewEndpoint {
    /// Where messages go.
    pub url: Url,
    /// What people call it.
    pub description: Option<String>,
    /// What it is told of.
    pub event_types: Vec<NotificationType>,
    /// The connections that it is told of; none for all, also those to come.
    pub connections: Option<Vec<ConnectionId>>,
}

impl Gateway {
    /// Makes an endpoint, which is told what happens from now on; its secret is shown this once.
    pub async fn create_notification_endpoint(
        &self,
        caller: &Caller,
        new: NewEndpoint,
    ) -> Result<(NotificationEndpointRow, SecretString), EndpointError> {
        let facts = Facts {
            url: new.url,
            description: new.description,
            event_types: new.event_types,
            connections: new.connections,
        };
        let facts = facts.check(self, caller).await?;
        let now = self.clock().now();
        let id = self.ids().next();
        let secret = self.new_notification_secret();
        let row = NotificationEndpointRow {
            id,
            workspace_id: caller.workspace.0,
            url: facts.url,
            description: facts.description,
            event_types: facts.event_types,
            connections: facts.connections,
            state: NotificationEndpointState::Enabled,
            disabled_reason: None,
            disabled_at: None,
            secret_sealed: Some(self.seal_notification_secret(caller.workspace, id, &secret)),
            old_secret_sealed: None,
            old_secret_until: None,
            failing_since: None,
            paused_until: None,
            created_at: now,
            updated_at: now,
        };
        let detail = json!({ "event_types": row.event_types });
        let entry = self.audit_by(caller, "notification_endpoint.created", id, detail);
        let store = self.store();
        let stored = store.insert_notification_endpoint(row.clone(), MOST, entry);
        if !stored.await? {
            return Err(EndpointError::TooMany(MOST));
        }
        store.refresh_told().await?;
        Ok((row, secret))
    }
}
