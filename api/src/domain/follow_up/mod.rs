//! What no event tells, or not reliably: which payments are in which payout, fees that come late, entries of the ledger
//! that belong to no payment. The engine that runs this is `crate::inbox`.

mod late_fees;
mod payouts;
mod relist;
mod spans;

use chrono::{DateTime, Utc};

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Until when everything was seen; none where that is as before.
    pub through: Option<DateTime<Utc>>,
    /// When to look again.
    pub next: DateTime<Utc>,
}
