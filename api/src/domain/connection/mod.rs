//! Data connections: connecting by key, renaming, reconnecting, letting go.

mod connect_key;
mod credential;
mod disconnect;
mod purge;
mod rename;
mod reseal;
mod standing;
mod watch;

pub use connect_key::{ConnectError, ConnectWithApiKey, Connected};
pub use credential::CredentialError;
pub use disconnect::DisconnectError;
pub use rename::RenameError;
pub use reseal::{ResealError, Resealed};
