//! Changing endpoints.

use serde_json::json;
use url::Url;

use super::{
    facts::{EndpointError, Facts},
    message::{connections_of, event_types_of},
};
use crate::{
    auth::Caller,
    domain::Gateway,
    ids::{ConnectionId, NotificationEndpointId},
    outbound::AddressProblem,
    storage::{DisabledReason, EndpointChange, NotificationEndpointRow, NotificationType},
};

/// What is to change; none stays as it is.
#[derive(Clone, Debug, Default)]
pub struct EndpointUpdate {
    /// Where messages go.
    pub url: Option<Url>,
    /// What people call it, or nothing any more.
    pub description: Option<Option<String>>,
    /// What it is told of.
    pub event_types: Option<Vec<NotificationType>>,
    /// The connections that it is told of, or all.
    pub connections: Option<Option<Vec<ConnectionId>>>,
    /// Whether messages are sent there.
    pub enabled: Option<bool>,
}

impl Gateway {
    /// Changes an endpoint. Disabling it gives up what it was to be sent; enabling it sends what happens from then on.
    pub async fn update_notification_endpoint(
        &self,
        caller: &Caller,
        id: NotificationEndpointId,
        update: EndpointUpdate,
    ) -> Result<NotificationEndpointRow, EndpointError> {
        let workspace = caller.workspace;
        let store = self.store();
        let found = store.find_notification_endpoint(workspace, id).await?;
        let row = found.ok_or(EndpointError::NotFound)?;
        let url = match update.url {
            Some(url) => url,
            None => Url::parse(&row.url).map_err(|_| AddressProblem::Scheme)?,
        };
        let facts = Facts {
            url,
            description: update
                .description
                .unwrap_or_else(|| row.description.clone()),
            event_types: update.event_types.unwrap_or_else(|| event_types_of(&row)),
            connections: update.connections.unwrap_or_else(|| connections_of(&row)),
        };
        let mut changes = vec![EndpointChange::Facts(facts.check(self, caller).await?)];
        match update.enabled {
            Some(true) => changes.push(EndpointChange::Enabled),
            Some(false) => changes.push(EndpointChange::Disabled(DisabledReason::ByUser)),
            None => {}
        }
        let detail = json!({ "enabled": update.enabled });
        let entry = self.audit_by(caller, "notification_endpoint.updated", id.0, detail);
        let outcome = store.change_notification_endpoint(workspace, id, changes, entry);
        let row = outcome.await?.ok_or(EndpointError::NotFound)?;
        store.refresh_told().await?;
        Ok(row)
    }
}
