//! When a delivery is tried again.

use std::time::Duration;

use serde::Deserialize;

use crate::faults::millis;

/// How often and how soon a delivery is tried again; Stripe takes days where this takes seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Retries {
    /// How many tries there are in all.
    pub tries: u32,
    /// The pause after the first try; it doubles.
    #[serde(rename = "first_ms", deserialize_with = "millis")]
    pub first: Duration,
    /// No pause is longer.
    #[serde(rename = "longest_ms", deserialize_with = "millis")]
    pub longest: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            tries: 14,
            first: Duration::from_millis(50),
            longest: Duration::from_secs(2),
        }
    }
}

impl Retries {
    /// Only the first try.
    #[must_use]
    pub fn none() -> Self {
        Self {
            tries: 1,
            ..Self::default()
        }
    }

    /// The pause after so many failed tries, or none when it was the last.
    pub(super) fn pause(&self, failed: u32) -> Option<Duration> {
        let doubled = 1_u32
            .checked_shl(failed.saturating_sub(1))
            .unwrap_or(u32::MAX);
        (failed < self.tries).then(|| self.first.saturating_mul(doubled).min(self.longest))
    }
}
