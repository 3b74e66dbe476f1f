use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    record::StateRecord,
    states::{OAuthStates, StateError, Taken},
};
use crate::clock::SharedClock;

/// Flows of a single process, kept in memory.
pub struct InProcessStates {
    clock: SharedClock,
    kept: Mutex<HashMap<String, Kept>>,
}

struct Kept {
    record: Box<StateRecord>,
    used: bool,
    until: DateTime<Utc>,
}

impl InProcessStates {
    /// No flows yet; what is kept ends by this clock.
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            kept: Mutex::default(),
        }
    }

    /// The flows that have not ended.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        let now = self.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, flow| flow.until > now);
        kept
    }
}

impl Kept {
    fn seen(&self) -> Taken {
        let record = self.record.clone();
        if self.used {
            Taken::Used(record)
        } else {
            Taken::Fresh(record)
        }
    }
}

#[async_trait]
impl OAuthStates for InProcessStates {
    async fn put(&self, hash: &str, record: StateRecord, ttl: Duration) -> Result<(), StateError> {
        let ttl = TimeDelta::from_std(ttl).unwrap_or(TimeDelta::MAX);
        let now = self.clock.now();
        let flow = Kept {
            record: Box::new(record),
            used: false,
            until: now.checked_add_signed(ttl).unwrap_or(now),
        };
        self.lock().insert(hash.to_owned(), flow);
        Ok(())
    }

    async fn peek(&self, hash: &str) -> Result<Taken, StateError> {
        Ok(self.lock().get(hash).map_or(Taken::Unknown, Kept::seen))
    }

    async fn take(&self, hash: &str) -> Result<Taken, StateError> {
        let mut kept = self.lock();
        let Some(flow) = kept.get_mut(hash) else {
            return Ok(Taken::Unknown);
        };
        let seen = flow.seen();
        flow.used = true;
        Ok(seen)
    }
}

impl fmt::Debug for InProcessStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcessStates").finish_non_exhaustive()
    }
}
