//! The credential of a connection: sealed at rest, opened where Stripe is called.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    domain::{Gateway, import::revoked},
    ids::WorkspaceId,
    secrets::{OpenError, Place},
    storage::{
        AuthMethod, ConnectionRow, ConnectionStatus, ConnectionStatusReason, ImportFailure,
        OAuthKind as StoredKind, StorageError,
    },
    stripe::{ApiKey, AppTokens, Credential, OAuthKind},
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
    /// The operator took the platform away that the account is connected to.
    #[error("The gateway has no Stripe platform for the connection's mode.")]
    NoPlatform,
    /// An app's access cannot be renewed any more.
    #[error("The access has ended and cannot be renewed.")]
    Ended,
    /// An app's access has run out and cannot be renewed at the moment.
    #[error("The access has run out and could not be renewed yet.")]
    NotRenewed,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl CredentialError {
    /// Whether it may be different soon: then nothing is given up.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::NotRenewed | Self::Storage(_))
    }

    /// Why an import of this connection cannot go on without the credentials.
    #[must_use]
    pub fn as_import_failure(&self, connection: &ConnectionRow) -> ImportFailure {
        let is_revoked = connection.status_reason == Some(ConnectionStatusReason::AccessRevoked);
        let (code, message) = match self {
            // It ended in the moment in which the import began.
            Self::None if is_revoked => return revoked(),
            Self::NoPlatform => (
                "PLATFORM_MISSING",
                "The gateway has no Stripe platform for this mode any more: ask the operator, or connect again with \
                 a restricted key.",
            ),
            Self::Ended => (
                "CREDENTIALS_EXPIRED",
                "Stripe no longer renews the access. Connect again through Stripe: what was imported stays.",
            ),
            _ => (
                "CREDENTIALS_UNREADABLE",
                "The stored credentials cannot be used: connect again, or ask the operator to give the gateway back the \
                 master key that sealed them.",
            ),
        };
        ImportFailure {
            code: code.to_owned(),
            message: message.to_owned(),
            retryable: false,
        }
    }
}

/// An app's tokens as they are sealed.
#[derive(Serialize)]
struct Written<'a> {
    access_token: &'a str,
    refresh_token: &'a str,
}

#[derive(Deserialize)]
struct Read {
    access_token: SecretString,
    refresh_token: SecretString,
}

impl Gateway {
    /// Opens the credential of a connection; whatever is asked with it keeps to the connection's budget.
    pub fn credential(&self, connection: &ConnectionRow) -> Result<Credential, CredentialError> {
        Ok(self.right_to(connection)?.paced(self.pace(connection)))
    }

    fn right_to(&self, connection: &ConnectionRow) -> Result<Credential, CredentialError> {
        match (connection.auth_method, connection.oauth_kind) {
            (AuthMethod::OAuth, Some(StoredKind::Connect)) => self.platform_credential(connection),
            (AuthMethod::OAuth, _) => {
                let token = self.app_tokens(connection)?.access;
                Ok(Credential::of_app(token, connection.livemode))
            }
            (AuthMethod::ApiKey, _) => {
                let secret = self.open_credential(connection)?;
                // A key that was let in once stays in, whatever the policy is now.
                let key = ApiKey::parse(secret.expose_secret(), true);
                key.map(Credential::from)
                    .map_err(|_| CredentialError::Malformed)
            }
        }
    }

    /// Connect has no secret of the merchant's: the platform's key acts on the account until access is revoked.
    fn platform_credential(
        &self,
        connection: &ConnectionRow,
    ) -> Result<Credential, CredentialError> {
        let account = connection.stripe_account_id.as_deref();
        match account {
            Some(account) if connection.status != ConnectionStatus::Disconnected => {
                let platform = self.platform(connection.livemode);
                let platform = platform.filter(|platform| platform.kind == OAuthKind::Connect);
                Ok(platform
                    .ok_or(CredentialError::NoPlatform)?
                    .credential_for(account))
            }
            _ => Err(CredentialError::None),
        }
    }

    /// The tokens of an app connection.
    pub(super) fn app_tokens(
        &self,
        connection: &ConnectionRow,
    ) -> Result<AppTokens, CredentialError> {
        let secret = self.open_credential(connection)?;
        let read: Read =
            serde_json::from_str(secret.expose_secret()).map_err(|_| CredentialError::Malformed)?;
        Ok(AppTokens {
            access: read.access_token,
            refresh: read.refresh_token,
        })
    }

    fn open_credential(&self, connection: &ConnectionRow) -> Result<SecretString, CredentialError> {
        let sealed = connection
            .credential_sealed
            .as_ref()
            .ok_or(CredentialError::None)?;
        let place = place(WorkspaceId(connection.workspace_id), connection.id);
        Ok(self.sealer().open(&place, sealed)?)
    }

    pub(super) fn seal_tokens(
        &self,
        workspace: WorkspaceId,
        row: Uuid,
        tokens: &AppTokens,
    ) -> Vec<u8> {
        let written = Written {
            access_token: tokens.access.expose_secret(),
            refresh_token: tokens.refresh.expose_secret(),
        };
        // Two texts always are JSON.
        let json = serde_json::to_string(&written).unwrap_or_default();
        self.sealer()
            .seal(&place(workspace, row), &SecretString::from(json))
    }

    pub(super) fn seal_key(&self, workspace: WorkspaceId, row: Uuid, key: &ApiKey) -> Vec<u8> {
        self.sealer()
            .seal(&place(workspace, row), &SecretString::from(key.expose()))
    }
}

/// The kind of OAuth as it is stored.
pub(super) fn stored_kind(kind: OAuthKind) -> StoredKind {
    match kind {
        OAuthKind::Connect => StoredKind::Connect,
        OAuthKind::App => StoredKind::App,
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
