//! What goes wrong on the way.

use serde::Deserialize;

use crate::faults::Latency;

/// What happens to deliveries; by default nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct DeliveryFaults {
    /// The probability that a delivery comes twice.
    pub duplicate: f64,
    /// Whether they come in any order.
    pub reorder: bool,
    /// The probability that a delivery never comes at all.
    pub drop: f64,
    /// How long each one waits before it leaves.
    pub delay: Latency,
}
