//! Delivery: signed events on their way to endpoints, and everything that can happen to them there.

mod attempt;
mod board;
mod desk;
mod faults;
mod retry;
mod send;
mod signature;

pub use attempt::DeliveryAttempt;
pub(crate) use attempt::{Job, Target};
pub use desk::Delivery;
pub use faults::DeliveryFaults;
pub use retry::Retries;
pub(crate) use send::{client, run};
pub use signature::sign;
