//! How long an answer takes.

use std::time::Duration;

use serde::Deserialize;

use super::fault::millis;

/// A delay before each request is carried out, or before each delivery; by default none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Latency {
    #[serde(rename = "ms", deserialize_with = "millis")]
    least: Duration,
    #[serde(default, rename = "jitter_ms", deserialize_with = "millis")]
    jitter: Duration,
}

impl Latency {
    /// Always the same delay.
    #[must_use]
    pub fn fixed(delay: Duration) -> Self {
        Self {
            least: delay,
            jitter: Duration::ZERO,
        }
    }

    /// A delay between `least` and `least + jitter`.
    #[must_use]
    pub fn jittered(least: Duration, jitter: Duration) -> Self {
        Self { least, jitter }
    }

    pub(crate) fn draw(self, luck: f64) -> Duration {
        self.least + self.jitter.mul_f64(luck)
    }
}
