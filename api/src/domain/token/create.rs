//! Making tokens.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    auth::{Actor, Caller, Scope, ScopeSet, TokenSecret},
    domain::{Gateway, NameProblem, name::Name},
    ids::WorkspaceId,
    storage::{StorageError, TokenRow},
};

/// What a token is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it ends; none for never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateTokenError {
    /// The name cannot be one.
    #[error(transparent)]
    Name(#[from] NameProblem),
    /// It would be good for nothing.
    #[error("Give the token at least one scope.")]
    NoScope,
    /// It would be able to do more than who makes it.
    #[error("A token can only hand on scopes that it has itself: {0} is missing.")]
    ScopeNotHeld(Scope),
    /// It would have ended already.
    #[error("The token's end must lie in the future.")]
    Expired,
    /// It would be good for longer than who makes it.
    #[error("The token's end must not lie after the end of the token that makes it.")]
    Outlives,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Makes a token with no more scopes than the caller has; the secret is shown this once.
    pub async fn create_token(
        &self,
        caller: &Caller,
        new: NewToken,
    ) -> Result<(TokenRow, SecretString), CreateTokenError> {
        if let Some(scope) = new
            .scopes
            .iter()
            .find(|scope| !caller.scopes.contains(**scope))
        {
            return Err(CreateTokenError::ScopeNotHeld(*scope));
        }
        if let Some(end) = caller.expires_at
            && new.expires_at.is_none_or(|wanted| wanted > end)
        {
            return Err(CreateTokenError::Outlives);
        }
        self.issue(caller.workspace, Some(&caller.actor()), new)
            .await
    }

    /// Makes a token on the operator's word.
    pub async fn issue_token(
        &self,
        workspace: WorkspaceId,
        new: NewToken,
    ) -> Result<(TokenRow, SecretString), CreateTokenError> {
        self.issue(workspace, None, new).await
    }

    async fn issue(
        &self,
        workspace: WorkspaceId,
        by: Option<&Actor>,
        new: NewToken,
    ) -> Result<(TokenRow, SecretString), CreateTokenError> {
        let now = self.clock().now();
        let name = Name::parse(&new.name)?.text;
        let scopes = ScopeSet::from_iter(new.scopes);
        if scopes.is_empty() {
            return Err(CreateTokenError::NoScope);
        }
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(CreateTokenError::Expired);
        }
        let secret = TokenSecret::generate(self.ids());
        let row = TokenRow {
            id: self.ids().next(),
            workspace_id: workspace.0,
            name,
            secret_hash: secret.hash(),
            hint: secret.hint(),
            scopes: json!(scopes.to_stored()),
            created_at: now,
            expires_at: new.expires_at,
            last_used_at: None,
            revoked_at: None,
            replaced_by: None,
        };
        let detail = json!({ "name": row.name, "scopes": row.scopes });
        let entry = self.audit(workspace, by, "token.created", row.id, detail);
        let row = self.store().insert_token(row, entry).await?;
        Ok((row, SecretString::from(secret.reveal())))
    }
}
