//! API tokens: made, shown once, checked, rotated, revoked.

mod authenticate;
mod authenticate_host;
mod create;
mod known;
mod revoke;
mod rotate;

pub use authenticate::AuthenticateError;
pub use authenticate_host::HostAuthenticateError;
pub use create::{CreateTokenError, NewToken};
pub use revoke::RevokeTokenError;
pub use rotate::{LONGEST_OVERLAP, RotateTokenError, Rotated, Rotation};

pub(super) use known::KnownTokens;

use crate::{auth::ScopeSet, storage::TokenRow};

/// What a token may do.
#[must_use]
pub fn scopes_of(token: &TokenRow) -> ScopeSet {
    let names: Vec<String> = serde_json::from_value(token.scopes.clone()).unwrap_or_default();
    ScopeSet::from_stored(names)
}
