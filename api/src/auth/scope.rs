use std::{fmt, str::FromStr};

use thiserror::Error;

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// See data connections, their permissions and their imports.
    ConnectionsRead,
    /// Make, change and remove data connections, and start imports.
    ConnectionsWrite,
    /// See payments and what belongs to them.
    PaymentsRead,
    /// Make and revoke API tokens.
    TokensManage,
}

/// A text that names no scope.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "there is no such scope; the scopes are CONNECTIONS_READ, CONNECTIONS_WRITE, PAYMENTS_READ and TOKENS_MANAGE"
)]
pub struct UnknownScope;

impl Scope {
    /// Every scope, in the order of the schema.
    pub const ALL: [Self; 4] = [
        Self::ConnectionsRead,
        Self::ConnectionsWrite,
        Self::PaymentsRead,
        Self::TokensManage,
    ];

    /// The name as the schema and the database write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionsRead => "CONNECTIONS_READ",
            Self::ConnectionsWrite => "CONNECTIONS_WRITE",
            Self::PaymentsRead => "PAYMENTS_READ",
            Self::TokensManage => "TOKENS_MANAGE",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads `CONNECTIONS_READ` and, as command lines like it, `connections:read`.
impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim().replace([':', '-', '.'], "_");
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str().eq_ignore_ascii_case(&name))
            .ok_or(UnknownScope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_scope_is_read() {
        for scope in Scope::ALL {
            let colons = scope.as_str().to_lowercase().replace('_', ":");
            assert_eq!(scope.as_str().parse(), Ok(scope));
            assert_eq!(colons.parse(), Ok(scope));
        }
    }

    #[test]
    fn other_texts_are_no_scopes() {
        for text in ["", "*", "connections", "connections:*", "PAYMENTS_WRITE"] {
            assert_eq!(text.parse::<Scope>(), Err(UnknownScope));
        }
    }
}
