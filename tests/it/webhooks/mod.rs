//! The webhook steward: the endpoint at Stripe of each connection by key.

mod accounts;
mod at_once;
mod checking;
mod checking_lost;
mod conflicts;
mod connecting;
mod crowded;
mod disconnecting;
mod doctor;
mod faults;
mod foreign;
mod rebuilding;
mod reconnecting;
mod resuming;
mod secrets;
mod support;

pub(crate) use support::inner;
