//! Stripe's two ways of OAuth (Stripe contract section 3): sending the user there, exchanging what they bring back,
//! renewing it, and giving it back.

mod bridge;
mod deauthorize;
mod exchange;
mod platform;

pub use deauthorize::DeauthorizeError;
pub use exchange::{AppTokens, Grant, GrantError};
pub use platform::{OAuthKind, OAuthUrls, Platform};
