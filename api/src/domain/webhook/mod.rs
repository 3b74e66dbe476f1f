//! The endpoints that events arrive at.

use secrecy::SecretString;

use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::StorageError,
};

/// Whose endpoint it is, and which secrets sign for it.
#[derive(Debug)]
pub struct EndpointSecrets {
    /// The workspace of the connection.
    pub workspace: WorkspaceId,
    /// The connection.
    pub connection: ConnectionId,
    /// The connection's mode.
    pub livemode: bool,
    /// The account, where it is known.
    pub stripe_account_id: Option<String>,
    /// Any of these may sign.
    pub secrets: Vec<SecretString>,
}

impl Gateway {
    /// The secrets that sign for a connection's endpoint; none where it has none.
    #[expect(clippy::unused_async, reason = "the database answers later")]
    pub async fn webhook_secrets(
        &self,
        _: ConnectionId,
    ) -> Result<Option<EndpointSecrets>, StorageError> {
        Ok(None)
    }

    /// The secrets of the platform's endpoints, with their mode.
    #[must_use]
    pub fn platform_secrets(&self) -> Vec<(bool, SecretString)> {
        Vec::new()
    }

    /// A merchant took the access back.
    #[expect(clippy::unused_async, reason = "the database answers later")]
    pub async fn access_revoked(
        &self,
        _: WorkspaceId,
        _: ConnectionId,
    ) -> Result<(), StorageError> {
        Ok(())
    }
}
