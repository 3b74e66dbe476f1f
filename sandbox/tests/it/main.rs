//! The sandbox as its clients see it.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::disallowed_methods, reason = "a plain client of its own")]

mod access;
mod control;
mod delivery;
mod fault;
mod history;
mod listing;
mod live;
mod oauth;
mod payouts;
mod receiver;
mod reports;
mod schema;
mod shelves;
mod support;
mod webhook;
