//! The secrets that Stripe signs with: sealed at rest, opened for the receiver.

use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    secrets::{OpenError, Place},
    storage::{StorageError, WebhookEndpointRow},
};

/// What the receiver needs to judge an event.
#[derive(Debug)]
pub struct EndpointSecrets {
    /// Whose connection it is.
    pub workspace: WorkspaceId,
    /// The connection.
    pub connection: ConnectionId,
    /// The connection's mode: events of the other one are not its own.
    pub livemode: bool,
    /// The account, where it is known.
    pub stripe_account_id: Option<String>,
    /// Every secret that is accepted now, newest first.
    pub secrets: Vec<SecretString>,
}

impl Gateway {
    /// The secrets that events for a connection may be signed with; none where none are accepted.
    pub async fn webhook_secrets(
        &self,
        connection: ConnectionId,
    ) -> Result<Option<EndpointSecrets>, StorageError> {
        let now = self.clock().now();
        let rows = self.store().list_webhook_secrets(connection, now).await?;
        let Some(workspace) = rows.first().map(|row| WorkspaceId(row.workspace_id)) else {
            return Ok(None);
        };
        let Some(found) = self.store().find_connection(workspace, connection).await? else {
            return Ok(None);
        };
        let secrets = rows.iter().filter_map(|row| match self.webhook_secret(row) {
            Ok(secret) => Some(secret),
            Err(error) => {
                tracing::error!(connection.id = %connection, "a webhook secret cannot be opened: {error}");
                None
            }
        });
        Ok(Some(EndpointSecrets {
            workspace,
            connection,
            livemode: found.livemode,
            stripe_account_id: found.stripe_account_id,
            secrets: secrets.collect(),
        }))
    }

    /// Opens the secret of one generation.
    pub(in crate::domain) fn webhook_secret(
        &self,
        row: &WebhookEndpointRow,
    ) -> Result<SecretString, OpenError> {
        let sealed = row.secret_sealed.as_deref().unwrap_or_default();
        let place = secret_place(WorkspaceId(row.workspace_id), row.id);
        self.sealer().open(&place, sealed)
    }

    pub(super) fn seal_webhook_secret(
        &self,
        row: &WebhookEndpointRow,
        secret: &SecretString,
    ) -> Vec<u8> {
        let place = secret_place(WorkspaceId(row.workspace_id), row.id);
        self.sealer().seal(&place, secret)
    }
}

pub(in crate::domain) fn secret_place(workspace: WorkspaceId, row: Uuid) -> Place {
    Place {
        workspace,
        table: "webhook_endpoints",
        column: "secret_sealed",
        row,
    }
}
