//! Telling partners what happens: where to, how it is signed, when it is tried again.
//!
//! What is to be told is written in the transaction of what happened (`storage`); `notify` sends it.

mod create;
mod delete;
mod deliver;
mod facts;
mod message;
mod prune;
mod rotate;
mod schedule;
mod secret;
mod send;
mod tell;
mod update;

pub use create::NewEndpoint;
pub use facts::EndpointError;
pub use message::{Attempt, attempts_of, connections_of, event_types_of};
pub use rotate::RotateError;
pub(in crate::domain) use secret::{OLD_SECRET, SECRET, secret_place};
pub use send::SendError;
pub use update::EndpointUpdate;
