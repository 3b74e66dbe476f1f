//! Sends messages to partners.
//!
//! What is to be told is in the database, written with what it tells of; how a message is made and what follows from
//! an answer is decided in `domain::notification`. This claims messages by lease, a few of each endpoint at once, so that
//! a slow endpoint holds up nobody else.

mod engine;
mod places;

pub use engine::{Engine, Settings};
