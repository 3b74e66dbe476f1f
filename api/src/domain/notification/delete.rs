//! Removing endpoints.

use serde_json::json;

use super::facts::EndpointError;
use crate::{auth::Caller, domain::Gateway, ids::NotificationEndpointId, storage::EndpointChange};

impl Gateway {
    /// Removes an endpoint with its secrets and what it was to be sent; its deliveries go bit by bit.
    pub async fn delete_notification_endpoint(
        &self,
        caller: &Caller,
        id: NotificationEndpointId,
    ) -> Result<(), EndpointError> {
        let entry = self.audit_by(caller, "notification_endpoint.deleted", id.0, json!({}));
        let changes = vec![EndpointChange::Deleted];
        let store = self.store();
        let outcome = store.change_notification_endpoint(caller.workspace, id, changes, entry);
        outcome.await?.ok_or(EndpointError::NotFound)?;
        Ok(store.refresh_told().await?)
    }
}
