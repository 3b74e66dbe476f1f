//! From a token of the host application to the caller that it makes.

use crate::{
    auth::{Caller, HostTokenError},
    domain::Gateway,
    host::HostError,
    ids::WorkspaceId,
    storage::StorageError,
};

/// Why a token of the host application makes no caller.
#[derive(Debug, thiserror::Error)]
pub enum HostAuthenticateError {
    /// No host application is configured.
    #[error("no host application is configured")]
    NotConfigured,
    /// The token is not good.
    #[error(transparent)]
    Token(HostTokenError),
    /// The issuer's keys are not known at the moment.
    #[error("the issuer's keys are not known at the moment")]
    IssuerAway,
    /// The token names a workspace that does not exist.
    #[error("the token names no workspace that exists")]
    UnknownWorkspace,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// The caller that a token of the host application makes: in the workspace that it names, with its scopes.
    pub async fn authenticate_host(&self, jwt: &str) -> Result<Caller, HostAuthenticateError> {
        let host = self.host().ok_or(HostAuthenticateError::NotConfigured)?;
        let user = host.user(jwt).await.map_err(|error| match error {
            HostError::Token(error) => HostAuthenticateError::Token(error),
            HostError::Away => HostAuthenticateError::IssuerAway,
        })?;
        let workspace = self.store().find_workspace_named(&user.workspace).await?;
        let workspace = workspace.ok_or(HostAuthenticateError::UnknownWorkspace)?;
        let caller = Caller::of_host(WorkspaceId(workspace.id), host.issuer(), user);
        tracing::debug!(workspace.id = %caller.workspace, caller = %caller.actor(), "the host application vouches");
        Ok(caller)
    }
}
