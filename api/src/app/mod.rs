//! The composition root: makes the parts from the configuration, and puts them together for each command.

mod doctor;
mod doctor_webhooks;
mod first_start;
mod inbox;
mod master_keys;
mod oauth;
mod open;
mod readiness;
mod serve;
mod tokens;

pub use doctor::{Finding, doctor};
pub use inbox::dead_events;
pub use open::{App, Machine, migrate, open, open_store};
pub use serve::{Role, Server, start};
pub use tokens::{NewTokenOrder, create_token, list_tokens, revoke_token};

/// The public schema in GraphQL's schema definition language.
#[must_use]
pub fn schema() -> String {
    crate::graphql::sdl()
}
