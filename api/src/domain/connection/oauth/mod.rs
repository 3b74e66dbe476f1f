//! Connecting by OAuth: started over the API, walked in a browser, finished by a callback.

mod callback;
mod failure;
mod flow;
mod grant;
mod hop;
mod return_url;
mod settings;
mod start;

pub use callback::{OAuthAnswer, OAuthCallback, OAuthOutcome};
pub use failure::OAuthFailure;
pub(super) use grant::ACCESS;
pub use hop::OAuthHop;
pub use settings::OAuthSettings;
pub use start::{StartOAuth, StartOAuthError, StartedOAuth};
