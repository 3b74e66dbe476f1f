//! Events: what happened to an account's objects, as Stripe tells it.

mod draft;
mod emit;
mod log;
mod one;

pub(crate) use draft::Draft;
pub(crate) use emit::{emit, targets};
pub(crate) use log::{EventLog, EventSelection};
pub(crate) use one::Event;
