//! The pace of a connection: what all that is asked on its behalf keeps to, and what of it Stripe counts as reads.

mod connection_pace;
mod lane;
mod reads;
mod waiting;

#[cfg(test)]
mod lane_tests;

pub use reads::{ALLOCATION_FLOOR, StripeReads};

pub(super) use connection_pace::ConnectionPace;
pub(super) use lane::Lane;
pub(super) use reads::ReadCounts;
