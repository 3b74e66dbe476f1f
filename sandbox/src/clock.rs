//! The sandbox's own clock: the wall clock, until somebody moves or stops it.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

use crate::lock::lock;

/// What time it is in a sandbox.
#[derive(Default)]
pub(crate) struct Clock(Mutex<Hands>);

enum Hands {
    /// They go with the wall clock, this much ahead of it.
    Going(TimeDelta),
    Stopped(DateTime<Utc>),
}

impl Default for Hands {
    fn default() -> Self {
        Self::Going(TimeDelta::zero())
    }
}

impl Clock {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match &*lock(&self.0) {
            Hands::Going(ahead) => wall() + *ahead,
            Hands::Stopped(at) => *at,
        }
    }

    /// Stops at this moment, or goes with the wall clock again.
    pub(crate) fn set(&self, at: Option<DateTime<Utc>>) {
        *lock(&self.0) = at.map_or_else(Hands::default, Hands::Stopped);
    }

    /// Moves on by so much; a stopped clock stays stopped.
    pub(crate) fn advance(&self, by: TimeDelta) {
        match &mut *lock(&self.0) {
            Hands::Going(ahead) => *ahead += by,
            Hands::Stopped(at) => *at += by,
        }
    }
}

/// The wall clock, for what is measured rather than told to clients.
#[expect(clippy::disallowed_methods, reason = "this is the sandbox's clock")]
pub(crate) fn wall() -> DateTime<Utc> {
    Utc::now()
}
