//! Live events: received durably, applied in any order, looked for where they may be missing. The engine that runs
//! this is `crate::inbox`.

mod apply;
mod deauthorized;
mod endpoints;
mod fetch;
mod intake;
mod kinds;
mod plan;
mod prune;
mod receive;
mod recover;
mod retry;
mod settle;
mod subject;
mod version;
#[cfg(test)]
mod version_tests;

pub use receive::{Destination, ReceiveError, Received};
pub use recover::{Recovery, RecoveryError};

pub(super) use endpoints::KnownEndpoints;
pub(super) use intake::Intake;
pub(super) use plan::charge_of;
