//! Stripe's limits, enforced: so many requests a second and so many at a time.

use std::time::Instant;

use serde::Deserialize;

/// The limits of each account.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct RateLimit {
    /// Requests a second; beyond it 429 `global-rate`.
    pub per_second: Option<f64>,
    /// Requests a second to one endpoint; beyond it 429 `endpoint-rate`.
    pub per_endpoint: Option<f64>,
    /// How many requests may come at once after a pause; by default a second's worth.
    pub burst: Option<f64>,
    /// Requests at a time; beyond it 429 `global-concurrency`.
    pub concurrency: Option<usize>,
}

impl RateLimit {
    /// No limit at all, to begin with.
    pub const NONE: Self = Self {
        per_second: None,
        per_endpoint: None,
        burst: None,
        concurrency: None,
    };

    /// Only so many requests a second.
    #[must_use]
    pub fn per_second(rate: f64) -> Self {
        Self {
            per_second: Some(rate),
            ..Self::NONE
        }
    }

    /// Only so many requests at a time.
    #[must_use]
    pub fn concurrency(at_once: usize) -> Self {
        Self {
            concurrency: Some(at_once),
            ..Self::NONE
        }
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::NONE
    }
}

/// A token bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    pub(super) fn full(capacity: f64, now: Instant) -> Self {
        Self {
            tokens: capacity,
            filled: now,
        }
    }

    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, rate: f64, capacity: f64, now: Instant) -> bool {
        self.tokens = now
            .duration_since(self.filled)
            .as_secs_f64()
            .mul_add(rate, self.tokens)
            .min(capacity);
        self.filled = now;
        let granted = self.tokens >= 1.0;
        if granted {
            self.tokens -= 1.0;
        }
        granted
    }
}
