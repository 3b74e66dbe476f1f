//! What is to be delivered, and what came of it.

use std::sync::Arc;

use serde::Serialize;

use crate::account::Account;
use crate::event::Event;

/// An endpoint that an event goes to.
#[derive(Clone)]
pub(crate) struct Target {
    /// The account that the endpoint belongs to: the merchant's, or a platform's.
    pub(crate) owner: Arc<Account>,
    pub(crate) endpoint: String,
}

/// An event on its way to an endpoint.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) event: Arc<Event>,
    pub(crate) target: Target,
    /// How many tries failed so far.
    pub(crate) failed: u32,
    /// Whether it comes in addition to another, which alone counts as the delivery.
    pub(crate) is_copy: bool,
}

/// One try to deliver an event to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryAttempt {
    /// The id of the event.
    pub event: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the endpoint.
    pub endpoint: String,
    /// The number of the try, from 1; 0 for a delivery that was dropped on the way.
    pub number: u32,
    /// The status of the answer; 0 when there was none.
    pub status: u16,
}

impl DeliveryAttempt {
    /// Whether the endpoint has acknowledged it.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Job {
    pub(super) fn attempt(&self, status: u16) -> DeliveryAttempt {
        DeliveryAttempt {
            event: self.event.id.clone(),
            kind: self.event.kind.clone(),
            endpoint: self.target.endpoint.clone(),
            number: self.failed + 1,
            status,
        }
    }
}
