//! Removing a connection's webhook at Stripe before its credentials are forgotten.

use std::time::Duration;

use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{ConnectionRow, StorageError, WebhookEndpointRow},
    stripe::Credential,
};

/// Nobody is kept connected by a Stripe that does not answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Endpoints that are to go, with what they can be removed with.
pub(in crate::domain) struct Removal {
    connection: ConnectionId,
    standing: Vec<WebhookEndpointRow>,
    credential: Option<Credential>,
}

impl Removal {
    /// Whether there is anything to remove.
    pub(in crate::domain) fn is_empty(&self) -> bool {
        self.standing.is_empty()
    }
}

impl Gateway {
    /// Removes the endpoints of a connection at Stripe, as far as it answers; the addresses of those that are left.
    pub(in crate::domain) async fn remove_webhooks(
        &self,
        connection: &ConnectionRow,
    ) -> Result<Vec<String>, StorageError> {
        let removal = self.removal(connection).await?;
        Ok(self.remove(removal).await)
    }

    /// What removing the endpoints of a connection takes: to be asked for while it has the credential that they were
    /// made with.
    pub(in crate::domain) async fn removal(
        &self,
        connection: &ConnectionRow,
    ) -> Result<Removal, StorageError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let generations = self.store().list_webhook_generations(workspace, id).await?;
        let standing: Vec<_> = generations
            .into_iter()
            .filter(|row| row.stripe_id.is_some())
            .collect();
        let credential = if standing.is_empty() {
            None
        } else {
            self.fresh_credential(connection).await.ok()
        };
        Ok(Removal {
            connection: id,
            standing,
            credential,
        })
    }

    /// Removes endpoints at Stripe, as far as it answers; the addresses of those that are left.
    pub(in crate::domain) async fn remove(&self, removal: Removal) -> Vec<String> {
        let standing = &removal.standing;
        let mut left: Vec<_> = standing.iter().map(|row| row.url.clone()).collect();
        if let Some(credential) = &removal.credential {
            let removing = self.remove_each(credential, standing, &mut left);
            if tokio::time::timeout(PATIENCE, removing).await.is_err() {
                let id = removal.connection;
                tracing::warn!(connection.id = %id, "Stripe did not answer while a webhook was to be removed");
            }
        }
        left.dedup();
        left
    }

    /// The newest first: that is the one that sends.
    async fn remove_each(
        &self,
        credential: &Credential,
        standing: &[WebhookEndpointRow],
        left: &mut Vec<String>,
    ) {
        for row in standing {
            let id = row.stripe_id.as_deref().unwrap_or_default();
            match self.stripe().delete_webhook_endpoint(credential, id).await {
                Ok(()) => {
                    left.remove(0);
                }
                Err(error) => {
                    tracing::warn!(stripe.endpoint = %id, "a webhook was not removed: {error}");
                    return;
                }
            }
        }
    }
}
