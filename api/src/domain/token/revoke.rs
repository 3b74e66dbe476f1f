//! Revoking tokens.

use serde_json::json;

use crate::{
    auth::{Actor, Caller},
    domain::Gateway,
    ids::{TokenId, WorkspaceId},
    storage::{StorageError, TokenRow},
};

/// Why no token was revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeTokenError {
    /// There is no such token.
    #[error("There is no such token.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Revokes a token of the caller's workspace, also the caller's own; requests with it are refused from then
    /// on, by other processes within a second.
    pub async fn revoke_token(
        &self,
        caller: &Caller,
        id: TokenId,
    ) -> Result<TokenRow, RevokeTokenError> {
        self.withdraw(caller.workspace, Some(&caller.actor()), id)
            .await
    }

    /// Revokes a token on the operator's word.
    pub async fn withdraw_token(
        &self,
        workspace: WorkspaceId,
        id: TokenId,
    ) -> Result<TokenRow, RevokeTokenError> {
        self.withdraw(workspace, None, id).await
    }

    async fn withdraw(
        &self,
        workspace: WorkspaceId,
        by: Option<&Actor>,
        id: TokenId,
    ) -> Result<TokenRow, RevokeTokenError> {
        let entry = self.audit(workspace, by, "token.revoked", id.0, json!({}));
        let row = self
            .store()
            .revoke_token(workspace, id, entry.at, entry)
            .await?;
        self.known_tokens().forget(id);
        row.ok_or(RevokeTokenError::NotFound)
    }
}
