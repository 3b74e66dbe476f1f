//! Time and ids as a test wants them.

use std::sync::{Arc, Mutex};

use api::{
    clock::{Clock, SystemClock},
    ids::{Ids, SystemEntropy},
};
use chrono::{DateTime, TimeDelta, Utc};

/// The system's clock, moved by as much as the test says.
#[derive(Debug, Default)]
pub struct MovableClock(Mutex<TimeDelta>);

impl MovableClock {
    /// Moves the clock on, or back.
    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().expect("nobody panics here") += by;
    }
}

impl Clock for MovableClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + *self.0.lock().expect("nobody panics here")
    }
}

/// New identifiers, of now.
#[must_use]
pub fn ids() -> Ids {
    Ids::new(Arc::new(|| SystemClock.now()), Arc::new(SystemEntropy))
}
