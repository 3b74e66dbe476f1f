//! Sealed credentials and the operator's master keys.

use secrecy::SecretString;

use super::credential::place;
use crate::{
    domain::{Gateway, notification, webhook::secret_place},
    ids::{ConnectionId, NotificationEndpointId, WorkspaceId},
    secrets::OpenError,
    storage::{ConnectionRow, NotificationEndpointRow, StorageError, WebhookEndpointRow},
};

/// Why the stored credentials cannot be used with the configured master keys.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// A stored credential or webhook secret does not open.
    #[error("the credentials of connection {connection} do not open: {cause}")]
    Sealed {
        /// Whose.
        connection: ConnectionId,
        /// Why.
        cause: OpenError,
    },
    /// The secret of a notification endpoint does not open.
    #[error("the secret of notification endpoint {endpoint} does not open: {cause}")]
    SealedNotification {
        /// Whose.
        endpoint: NotificationEndpointId,
        /// Why.
        cause: OpenError,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a rotation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Credentials that were sealed anew.
    pub resealed: usize,
    /// Credentials that were sealed by the first key already.
    pub unchanged: usize,
    /// Webhook secrets that were sealed anew beside them.
    pub webhook_secrets: usize,
    /// Secrets of notification endpoints that were sealed anew beside them, each with the one before it.
    pub notification_secrets: usize,
}

impl Gateway {
    /// Opens every stored credential and webhook secret: a wrong or missing master key shows at start, not in the middle of the night.
    pub async fn verify_credentials(&self) -> Result<usize, ResealError> {
        let connections = self.store().sealed_credentials().await?;
        for connection in &connections {
            self.open(connection)?;
        }
        for webhook in self.store().sealed_webhook_secrets().await? {
            self.open_webhook(&webhook)?;
        }
        for endpoint in self.store().sealed_notification_secrets().await? {
            self.sealed_anew(&endpoint)?;
        }
        Ok(connections.len())
    }

    /// Seals every credential and webhook secret with the first master key; can be cut off at any point and taken up again.
    pub async fn reseal_credentials(&self) -> Result<Resealed, ResealError> {
        let mut done = Resealed::default();
        for connection in self.store().sealed_credentials().await? {
            if self.reseal(connection).await? {
                done.resealed += 1;
            } else {
                done.unchanged += 1;
            }
        }
        for webhook in self.store().sealed_webhook_secrets().await? {
            if self.reseal_webhook(webhook).await? {
                done.webhook_secrets += 1;
            }
        }
        for endpoint in self.store().sealed_notification_secrets().await? {
            if self.reseal_notifications(endpoint).await? {
                done.notification_secrets += 1;
            }
        }
        Ok(done)
    }

    async fn reseal_notifications(
        &self,
        endpoint: NotificationEndpointRow,
    ) -> Result<bool, ResealError> {
        let both = [&endpoint.secret_sealed, &endpoint.old_secret_sealed];
        let mut sealed = both.into_iter().flatten();
        if !sealed.any(|sealed| self.sealer().needs_resealing(sealed)) {
            return Ok(false);
        }
        let [Some(sealed), old_sealed] = self.sealed_anew(&endpoint)? else {
            return Ok(false);
        };
        let store = self.store();
        let done = store.reseal_notification_secrets(&endpoint, sealed, old_sealed);
        Ok(done.await?)
    }

    /// Both secrets of an endpoint, opened and sealed by the first master key.
    fn sealed_anew(
        &self,
        endpoint: &NotificationEndpointRow,
    ) -> Result<[Option<Vec<u8>>; 2], ResealError> {
        let workspace = WorkspaceId(endpoint.workspace_id);
        let anew = |sealed: Option<&Vec<u8>>, column| -> Result<_, ResealError> {
            let Some(sealed) = sealed else {
                return Ok(None);
            };
            let place = notification::secret_place(workspace, endpoint.id, column);
            let secret = self.sealer().open(&place, sealed);
            let secret = secret.map_err(|cause| ResealError::SealedNotification {
                endpoint: NotificationEndpointId(endpoint.id),
                cause,
            })?;
            Ok(Some(self.sealer().seal(&place, &secret)))
        };
        Ok([
            anew(endpoint.secret_sealed.as_ref(), notification::SECRET)?,
            anew(
                endpoint.old_secret_sealed.as_ref(),
                notification::OLD_SECRET,
            )?,
        ])
    }

    async fn reseal_webhook(&self, webhook: WebhookEndpointRow) -> Result<bool, ResealError> {
        let secret = self.open_webhook(&webhook)?;
        let sealed = webhook.secret_sealed.unwrap_or_default();
        if !self.sealer().needs_resealing(&sealed) {
            return Ok(false);
        }
        let workspace = WorkspaceId(webhook.workspace_id);
        let anew = self
            .sealer()
            .seal(&secret_place(workspace, webhook.id), &secret);
        Ok(self
            .store()
            .reseal_webhook_secret(workspace, webhook.id, sealed, anew)
            .await?)
    }

    fn open_webhook(&self, webhook: &WebhookEndpointRow) -> Result<SecretString, ResealError> {
        self.webhook_secret(webhook)
            .map_err(|cause| ResealError::Sealed {
                connection: ConnectionId(webhook.connection_id),
                cause,
            })
    }

    async fn reseal(&self, connection: ConnectionRow) -> Result<bool, ResealError> {
        let secret = self.open(&connection)?;
        let sealed = connection.credential_sealed.unwrap_or_default();
        if !self.sealer().needs_resealing(&sealed) {
            return Ok(false);
        }
        let workspace = WorkspaceId(connection.workspace_id);
        let anew = self
            .sealer()
            .seal(&place(workspace, connection.id), &secret);
        let id = ConnectionId(connection.id);
        Ok(self
            .store()
            .reseal_credential(workspace, id, sealed, anew)
            .await?)
    }

    fn open(&self, connection: &ConnectionRow) -> Result<SecretString, ResealError> {
        let sealed = connection.credential_sealed.as_deref().unwrap_or_default();
        let place = place(WorkspaceId(connection.workspace_id), connection.id);
        self.sealer()
            .open(&place, sealed)
            .map_err(|cause| ResealError::Sealed {
                connection: ConnectionId(connection.id),
                cause,
            })
    }
}
