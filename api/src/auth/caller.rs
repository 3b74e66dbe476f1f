use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use super::{host::HostUser, scope::Scope, scope_set::ScopeSet};
use crate::ids::{TokenId, WorkspaceId};

/// Who makes a request, as its token tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The workspace that the token belongs to.
    pub workspace: WorkspaceId,
    /// The token itself; for a user of the host application an id of its own, which stays the same.
    pub token: TokenId,
    /// The user's id at the host application's issuer, where that vouches for the caller and no API token does.
    pub host: Option<Arc<str>>,
    /// What the token may do.
    pub scopes: ScopeSet,
    /// When the token ends, where it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Who did something: for the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// Whoever had this API token.
    Token(TokenId),
    /// The host application's user of this id.
    Host(Arc<str>),
}

/// The token lacks a scope.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the token lacks the scope {0}")]
pub struct MissingScope(pub Scope);

impl Caller {
    /// The caller that a token of the host application makes in a workspace.
    #[must_use]
    pub fn of_host(workspace: WorkspaceId, issuer: &str, user: HostUser) -> Self {
        let name = format!("{issuer}\n{}", user.subject);
        Self {
            workspace,
            token: TokenId(Uuid::new_v5(&workspace.0, name.as_bytes())),
            host: Some(user.subject.into()),
            scopes: user.scopes,
            expires_at: Some(user.expires_at),
        }
    }

    /// Who calls.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match &self.host {
            Some(subject) => Actor::Host(Arc::clone(subject)),
            None => Actor::Token(self.token),
        }
    }

    /// Passes where the token has the scope.
    pub fn require(&self, scope: Scope) -> Result<(), MissingScope> {
        if self.scopes.contains(scope) {
            Ok(())
        } else {
            Err(MissingScope(scope))
        }
    }

    /// Whether the token has ended: from the very moment of `expires_at` on.
    #[must_use]
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// `token:<id>` or `host:<subject>`, on one line whatever the subject is.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => write!(f, "token:{id}"),
            Self::Host(subject) => write!(f, "host:{}", subject.escape_debug()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn caller(expires_at: Option<DateTime<Utc>>) -> Caller {
        Caller {
            workspace: WorkspaceId(Uuid::nil()),
            token: TokenId(Uuid::nil()),
            host: None,
            scopes: ScopeSet::from_iter([Scope::PaymentsRead]),
            expires_at,
        }
    }

    #[test]
    fn a_scope_that_is_missing_is_named() {
        let caller = caller(None);

        assert_eq!(caller.require(Scope::PaymentsRead), Ok(()));
        let refused = caller.require(Scope::TokensManage).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the token lacks the scope TOKENS_MANAGE"
        );
    }

    #[test]
    fn a_user_of_the_host_is_one_in_each_workspace_and_of_each_issuer() {
        let of = |workspace, issuer, subject: &str| {
            let user = HostUser {
                subject: subject.to_owned(),
                workspace: String::new(),
                scopes: ScopeSet::EMPTY,
                expires_at: DateTime::UNIX_EPOCH,
            };
            Caller::of_host(WorkspaceId(workspace), issuer, user)
        };
        let one = of(Uuid::nil(), "https://a", "1\n");

        assert_eq!(one, of(Uuid::nil(), "https://a", "1\n"));
        assert_eq!(one.actor().to_string(), "host:1\\n");
        for other in [
            of(Uuid::max(), "https://a", "1\n"),
            of(Uuid::nil(), "https://b", "1\n"),
            of(Uuid::nil(), "https://a", "2"),
        ] {
            assert_ne!(one.token, other.token);
        }
    }

    #[test]
    fn a_token_ends_at_its_moment() {
        let end = DateTime::UNIX_EPOCH;
        let instant = TimeDelta::microseconds(1);

        assert!(!caller(Some(end)).is_expired(end - instant));
        assert!(caller(Some(end)).is_expired(end));
        assert!(!caller(None).is_expired(end));
    }
}
