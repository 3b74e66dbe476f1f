//! The version rule: which of two observations of an object is the newer one, although events know only seconds.
//!
//! A page or a fetch was true when Stripe answered. An event's body was true at some moment of its second; it counts as
//! observed at the last microsecond of it, where no answer ever stands. So whatever a page of the same second says, it
//! does not replace the body, and what happened in the second after the body has an event of its own, which meets a
//! body of its own second: that is settled by fetching the object once the second is over.
//!
//! Whatever permutation of pages, events and fetches arrives, the final state is Stripe's. Let L be the last change, in
//! second E. Its event is applied if nothing of E or later is stored; then it is the final state, and only what was
//! observed after E replaces it. If something of E or later is stored, it is either from after E, and final, or L's
//! event meets it as a tie, and what is fetched after E is final.

use chrono::{DateTime, TimeDelta, Utc};

/// Where an event's body stands in its second.
const END_OF_SECOND: TimeDelta = TimeDelta::microseconds(999_999);

pub(super) const SECOND: TimeDelta = TimeDelta::seconds(1);

/// How far our clock may be ahead of Stripe's: an answer is dated by the later one, so it may be older than it seems.
pub(super) const CLOCKS: TimeDelta = TimeDelta::seconds(2);

/// What an event is to what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its body is newer.
    Newer,
    /// What is stored is from after it.
    Older,
    /// Nobody can tell: the object is to be fetched.
    Unclear,
}

/// When the body of an event made in this second counts as observed.
pub(super) fn of_event(created: DateTime<Utc>) -> DateTime<Utc> {
    created + END_OF_SECOND
}

/// What an event made in this second is to what is stored.
pub(super) fn judge(stored: Option<DateTime<Utc>>, created: DateTime<Utc>) -> Verdict {
    let Some(stored) = stored else {
        return Verdict::Newer;
    };
    if stored < created {
        return Verdict::Newer;
    }
    let clocks = if is_of_event(stored) {
        // Dated by Stripe alone.
        TimeDelta::zero()
    } else {
        CLOCKS
    };
    if stored >= created + SECOND + clocks {
        Verdict::Older
    } else {
        Verdict::Unclear
    }
}

/// Whether what was fetched is from after everything that happened in a second.
pub(super) fn settles(observed_at: DateTime<Utc>, created: DateTime<Utc>) -> bool {
    observed_at >= created + SECOND
}

fn is_of_event(observed_at: DateTime<Utc>) -> bool {
    observed_at.timestamp_subsec_micros() == 999_999
}
