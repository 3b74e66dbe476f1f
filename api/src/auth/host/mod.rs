//! Tokens of a host application: JSON Web Tokens (RFC 7519) that its issuer signs (RFC 7515), checked against the keys that
//! the issuer publishes (RFC 7517). Pure: a token, keys and the time make a user, or say what is wrong.

mod claims;
mod key;
mod refusal;
mod token;

#[cfg(test)]
mod tests;

pub use claims::{HostRules, HostUser};
pub use key::{KeySet, NotAKeySet};
pub use refusal::HostTokenError;
pub use token::HostToken;
pub(super) use token::{MAX_JWT_BYTES, looks_like_jwt};
