//! Data connections: connecting by key or by OAuth, renaming, reconnecting, letting go.

mod connect_key;
mod credential;
mod disconnect;
mod give_back;
mod history;
mod oauth;
mod pick;
mod purge;
mod refresh;
mod rename;
mod reseal;
mod revoke;
mod row;
mod standing;
mod used;
mod watch;

pub use connect_key::{ConnectError, ConnectWithApiKey, Connected};
pub use credential::CredentialError;
pub use disconnect::DisconnectError;
pub use oauth::{
    OAuthAnswer, OAuthCallback, OAuthFailure, OAuthHop, OAuthOutcome, OAuthSettings, StartOAuth,
    StartOAuthError, StartedOAuth,
};
pub use pick::{PickError, PlacedConnection};
pub use rename::RenameError;
pub use reseal::{ResealError, Resealed};
pub(super) use standing::lacking;
pub use used::UsedCredential;
