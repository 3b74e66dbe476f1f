//! What keeps connections live: applies the events of the inbox, looks for those that never arrived, asks for
//! what no event tells, and does what has to be done again and again.
//!
//! What is to be done about an event is decided in `domain::inbox`, about the rest in
//! `domain::follow_up`; this executes it, one process at a time for each
//! connection. Everything that must survive is in the database.

mod applying;
mod engine;
mod following;
mod recovering;
mod rolling_up;
mod telling;
mod upkeep;

pub use engine::{Engine, Settings};
