//! The credential of a connection: sealed at rest, opened where Stripe is called.

use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{
    domain::Gateway,
    ids::WorkspaceId,
    secrets::{OpenError, Place},
    storage::{ConnectionRow, ImportFailure},
    stripe::{ApiKey, Credential},
};

/// Why a connection cannot call Stripe.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// It was disconnected.
    #[error("The connection has no credentials: it is disconnected.")]
    None,
    /// The sealed key cannot be opened.
    #[error("The stored credentials cannot be opened: {0}")]
    Sealed(#[from] OpenError),
    /// What was sealed is no key.
    #[error("The stored credentials are not a key.")]
    Malformed,
}

impl CredentialError {
    /// Why an import cannot go on without the credentials.
    #[must_use]
    pub fn as_import_failure(&self) -> ImportFailure {
        ImportFailure {
            code: "CREDENTIALS_UNREADABLE".to_owned(),
            message: "The stored credentials cannot be used: connect again with a new key, or give the gateway \
                      back the master key that sealed them."
                .to_owned(),
            retryable: false,
        }
    }
}

impl Gateway {
    /// Opens the credential of a connection.
    pub fn credential(&self, connection: &ConnectionRow) -> Result<Credential, CredentialError> {
        let sealed = connection
            .credential_sealed
            .as_ref()
            .ok_or(CredentialError::None)?;
        let place = place(WorkspaceId(connection.workspace_id), connection.id);
        let secret = self.sealer().open(&place, sealed)?;
        // A key that was let in once stays in, whatever the policy is now.
        let key = ApiKey::parse(secret.expose_secret(), true);
        key.map(Credential::from)
            .map_err(|_| CredentialError::Malformed)
    }

    /// The credential of a connection, good for the next minutes.
    #[expect(clippy::unused_async, reason = "tokens are refreshed over the network")]
    pub async fn fresh_credential(
        &self,
        connection: &ConnectionRow,
    ) -> Result<Credential, CredentialError> {
        self.credential(connection)
    }

    pub(super) fn seal_key(&self, workspace: WorkspaceId, row: Uuid, key: &ApiKey) -> Vec<u8> {
        self.sealer()
            .seal(&place(workspace, row), &SecretString::from(key.expose()))
    }
}

pub(super) fn place(workspace: WorkspaceId, row: Uuid) -> Place {
    Place {
        workspace,
        table: "connections",
        column: "credential_sealed",
        row,
    }
}
