//! Messages that somebody asks for: a test, or one that was sent before.

use serde_json::json;

use crate::{
    auth::Caller,
    domain::Gateway,
    ids::{NotificationDeliveryId, NotificationEndpointId, node_id},
    storage::{
        NotificationDeliveryRow, NotificationDeliveryState, NotificationEndpointRow,
        NotificationEndpointState, NotificationType, StorageError,
    },
};

/// Why nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is no such endpoint in the workspace.
    #[error("There is no such notification endpoint.")]
    NoEndpoint,
    /// There is no such delivery in the workspace, or it is too old.
    #[error("There is no such delivery.")]
    NoDelivery,
    /// The endpoint is disabled.
    #[error("The endpoint is disabled: enable it with updateNotificationEndpoint first.")]
    Disabled,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Sends an endpoint a message that tells of nothing, whatever it wants to be told of.
    pub async fn send_test_notification(
        &self,
        caller: &Caller,
        id: NotificationEndpointId,
    ) -> Result<NotificationDeliveryRow, SendError> {
        let endpoint = self.enabled_endpoint(caller, id).await?;
        let now = self.clock().now();
        let row = NotificationDeliveryRow {
            id: self.ids().next(),
            workspace_id: caller.workspace.0,
            endpoint_id: endpoint.id,
            connection_id: None,
            event_type: NotificationType::NotificationTest,
            data: json!({ "endpointId": node_id(id) }),
            state: NotificationDeliveryState::Pending,
            tries: 0,
            attempts: json!([]),
            run_at: now,
            lease_owner: None,
            lease_until: None,
            fence: 0,
            created_at: now,
            settled_at: None,
        };
        let detail = json!({ "delivery": row.id });
        let entry = self.audit_by(caller, "notification_endpoint.tested", id.0, detail);
        let row = self.store().insert_delivery(row, entry).await?;
        self.messages().notify_waiters();
        Ok(row)
    }

    /// Sends a delivery again, whatever became of it: the same message under the same id, now and with the whole
    /// schedule.
    pub async fn redeliver_notification(
        &self,
        caller: &Caller,
        id: NotificationDeliveryId,
    ) -> Result<NotificationDeliveryRow, SendError> {
        let workspace = caller.workspace;
        let found = self.store().find_delivery(workspace, id).await?;
        let delivery = found.ok_or(SendError::NoDelivery)?;
        let endpoint = NotificationEndpointId(delivery.endpoint_id);
        match self.enabled_endpoint(caller, endpoint).await {
            Err(SendError::NoEndpoint) => return Err(SendError::NoDelivery),
            other => other?,
        };
        let entry = self.audit_by(caller, "notification.redelivered", id.0, json!({}));
        let again = self.store().redeliver(workspace, id, entry).await?;
        self.messages().notify_waiters();
        again.ok_or(SendError::NoDelivery)
    }

    async fn enabled_endpoint(
        &self,
        caller: &Caller,
        id: NotificationEndpointId,
    ) -> Result<NotificationEndpointRow, SendError> {
        let store = self.store();
        let found = store
            .find_notification_endpoint(caller.workspace, id)
            .await?;
        let endpoint = found.ok_or(SendError::NoEndpoint)?;
        if endpoint.state == NotificationEndpointState::Enabled {
            Ok(endpoint)
        } else {
            Err(SendError::Disabled)
        }
    }
}
