//! What Inlet does, without HTTP, GraphQL and SQL: connecting, importing, searching, letting in.
//!
//! [`Gateway`] is the one entrance. Each use case is a file with its own error type: one variant for each thing that
//! the caller can do something about.

mod changes;
pub mod connection;
pub mod export;
pub mod follow_up;
mod gateway;
pub mod idempotency;
pub mod import;
pub mod inbox;
pub mod money;
mod name;
pub mod notification;
pub mod pace;
pub mod payment;
pub mod permission;
mod task;
pub mod token;
pub mod webhook;
mod workspace;

pub use changes::WatchError;
pub use gateway::{Gateway, Parts, Policy};
pub use name::NameProblem;
pub use workspace::WorkspaceError;

use task::{Turns, to_the_end};
