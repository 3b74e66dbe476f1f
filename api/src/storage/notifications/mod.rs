//! Notifications to partners: where they go, the messages, and which payments are still to be told of.

mod deliveries;
mod endpoints;
mod marks;
mod outbox;
mod told;

pub use deliveries::{DeliveryOutcome, EndpointNews};
pub use endpoints::{EndpointChange, EndpointFacts};
pub(super) use marks::{note, note_any};
pub(super) use outbox::{of_change, of_import, of_standing, tell};
pub(super) use told::Told;
