use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{scope::Scope, scope_set::ScopeSet};
use crate::ids::{TokenId, WorkspaceId};

/// Who makes a request, as its token tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The workspace that the token belongs to.
    pub workspace: WorkspaceId,
    /// The token itself.
    pub token: TokenId,
    /// What the token may do.
    pub scopes: ScopeSet,
    /// When the token ends, where it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The token lacks a scope.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the token lacks the scope {0}")]
pub struct MissingScope(pub Scope);

impl Caller {
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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn caller(expires_at: Option<DateTime<Utc>>) -> Caller {
        Caller {
            workspace: WorkspaceId(Uuid::nil()),
            token: TokenId(Uuid::nil()),
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
    fn a_token_ends_at_its_moment() {
        let end = DateTime::UNIX_EPOCH;
        let instant = TimeDelta::microseconds(1);

        assert!(!caller(Some(end)).is_expired(end - instant));
        assert!(caller(Some(end)).is_expired(end));
        assert!(!caller(None).is_expired(end));
    }
}
