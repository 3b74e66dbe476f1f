//! The composition root: makes the parts from the configuration, and puts them together for each command.

mod doctor;
mod doctor_webhooks;
mod first_start;
mod imports;
mod inbox;
mod master_keys;
mod oauth;
mod open;
mod operations;
mod readiness;
mod serve;
mod tokens;

pub use crate::{
    domain::import::{ImportProgress, ImportStanding, ResourceProgress},
    storage::ImportStatus,
};
pub use doctor::{Finding, doctor};
pub use imports::{ImportOrder, PlacedImport, import_standing, latest_imports, start_import};
pub use inbox::dead_events;
pub use open::{App, Machine, migrate, open, open_store};
pub use serve::{Role, Server, start};
pub use tokens::{NewTokenOrder, create_token, list_tokens, revoke_token, rotate_token};

/// The public schema in GraphQL's schema definition language.
#[must_use]
pub fn schema() -> String {
    crate::graphql::sdl()
}

/// The same as a subgraph of Apollo Federation 2.
#[must_use]
pub fn federation_schema() -> String {
    crate::graphql::federation_sdl()
}
