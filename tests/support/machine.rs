//! Time and ids as a test wants them.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use api::{
    clock::{Clock, SystemClock},
    ids::{Entropy, Ids, SystemEntropy},
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

/// The system's randomness, until a test has it panic: a fault of ours in the middle of whatever asks for some.
#[derive(Debug, Default)]
pub struct FaultyEntropy(AtomicUsize);

impl FaultyEntropy {
    /// Has the call panic that comes after so many others, from one on; none does where it is zero.
    pub fn panic_at(&self, call: usize) {
        self.0.store(call, Ordering::SeqCst);
    }

    /// Whether a panic is still to come.
    pub fn is_to_panic(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

impl Entropy for FaultyEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let count_down = |left: usize| left.checked_sub(1);
        let before = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, count_down);
        assert!(before != Ok(1), "entropy_canary: no randomness is left");
        SystemEntropy.fill(bytes);
    }
}

/// New identifiers, of now.
#[must_use]
pub fn ids() -> Ids {
    Ids::new(Arc::new(|| SystemClock.now()), Arc::new(SystemEntropy))
}
