//! The wall clock as a parameter: everything that needs the time asks a [`Clock`].

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The current time, cut to the microseconds that both databases keep.
    fn now(&self) -> DateTime<Utc>;
}

/// A clock as the parts of the gateway share it.
pub type SharedClock = Arc<dyn Clock>;

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_has_no_more_than_microseconds() {
        let now = SystemClock.now();

        assert_eq!(now.timestamp_subsec_nanos() % 1_000, 0);
    }
}
