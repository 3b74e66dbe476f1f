//! Connecting: keys, permissions, names, tokens, workspaces, secrets.

mod accounts;
pub(crate) mod ask;
mod audit;
mod check_key;
pub(crate) mod database;
mod deleting;
mod disconnecting;
mod first;
mod key_standing;
mod keys;
mod master_keys;
mod names;
mod names_alike;
mod outages;
mod permissions;
mod probing;
mod reconnecting;
mod rotation;
mod scopes;
mod secrets;
mod swapped;
mod token_refusals;
mod tokens;
mod unauthenticated;
