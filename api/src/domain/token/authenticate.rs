//! From a token to the caller that it makes.

use chrono::TimeDelta;

use super::scopes_of;
use crate::{
    auth::{Caller, TokenSecret},
    domain::Gateway,
    ids::{TokenId, WorkspaceId},
    storage::{StorageError, TokenRow},
};

/// Why a token makes no caller.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// No token has this secret.
    #[error("The API token is not valid.")]
    Unknown,
    /// It was revoked.
    #[error("The API token was revoked.")]
    Revoked,
    /// Its time is over.
    #[error("The API token has expired.")]
    Expired,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How exact the time of a token's last use is.
const LAST_USE_RESOLUTION: TimeDelta = TimeDelta::minutes(1);

impl Gateway {
    /// The caller that a token makes. One that another process has revoked is refused after a second at the latest, and one
    /// that this process has revoked at once.
    pub async fn authenticate(&self, secret: &TokenSecret) -> Result<Caller, AuthenticateError> {
        let (hash, now) = (secret.hash(), self.clock().now());
        if let Some(token) = self.known_tokens().find(&hash, now) {
            return self.caller_of(&token);
        }
        let before = self.known_tokens().before(now);
        let found = self.store().find_token_by_hash(&hash).await?;
        let token = found.ok_or(AuthenticateError::Unknown)?;
        let caller = self.caller_of(&token)?;
        self.known_tokens().keep(&token, before);
        self.note_use(&token);
        Ok(caller)
    }

    /// Whether a caller's token is still good: for connections that stay open.
    ///
    /// A token of the host application is good until it ends.
    pub async fn still_valid(&self, caller: &Caller) -> Result<(), AuthenticateError> {
        if caller.host.is_some() {
            let expired = caller.is_expired(self.clock().now());
            return if expired {
                Err(AuthenticateError::Expired)
            } else {
                Ok(())
            };
        }
        let found = self
            .store()
            .find_token(caller.workspace, caller.token)
            .await?;
        self.caller_of(&found.ok_or(AuthenticateError::Unknown)?)
            .map(drop)
    }

    fn caller_of(&self, token: &TokenRow) -> Result<Caller, AuthenticateError> {
        if token.revoked_at.is_some() {
            return Err(AuthenticateError::Revoked);
        }
        let caller = Caller {
            workspace: WorkspaceId(token.workspace_id),
            token: TokenId(token.id),
            host: None,
            scopes: scopes_of(token),
            expires_at: token.expires_at,
        };
        if caller.is_expired(self.clock().now()) {
            return Err(AuthenticateError::Expired);
        }
        Ok(caller)
    }

    /// Beside the request: nobody waits for a note.
    fn note_use(&self, token: &TokenRow) {
        let now = self.clock().now();
        if token
            .last_used_at
            .is_some_and(|last| now - last < LAST_USE_RESOLUTION)
        {
            return;
        }
        let store = self.store().clone();
        let (workspace, id) = (WorkspaceId(token.workspace_id), TokenId(token.id));
        tokio::spawn(async move {
            if let Err(error) = store.touch_token(workspace, id, now).await {
                tracing::debug!(token.id = %id, %error, "the last use of token {id} was not noted");
            }
        });
    }
}
