//! What no event tells, or not reliably: which payments are in which payout, fees that come late, entries of the ledger
//! that belong to no payment. The engine that runs this is `crate::inbox`.

mod late_fees;
mod payouts;
mod relist;
mod spans;

use chrono::{DateTime, TimeDelta, Utc};

/// When to look again whether the ledger may be read.
const UNTIL_GRANTED: TimeDelta = TimeDelta::hours(1);

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Until when everything was seen; none where that is as before.
    pub through: Option<DateTime<Utc>>,
    /// When to look again.
    pub next: DateTime<Utc>,
}

impl Followed {
    /// Nothing may be asked: the credentials do not grant the ledger.
    fn not_granted(now: DateTime<Utc>) -> Self {
        Self {
            through: None,
            next: now + UNTIL_GRANTED,
        }
    }
}
