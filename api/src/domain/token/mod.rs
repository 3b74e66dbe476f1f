//! API tokens: made, shown once, checked, revoked.

mod authenticate;
mod authenticate_host;
mod create;
mod revoke;

pub use authenticate::AuthenticateError;
pub use authenticate_host::HostAuthenticateError;
pub use create::{CreateTokenError, NewToken};
pub use revoke::RevokeTokenError;

use crate::{auth::ScopeSet, storage::TokenRow};

/// What a token may do.
#[must_use]
pub fn scopes_of(token: &TokenRow) -> ScopeSet {
    let names: Vec<String> = serde_json::from_value(token.scopes.clone()).unwrap_or_default();
    ScopeSet::from_stored(names)
}
