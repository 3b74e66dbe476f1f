//! Where a dense window gives its older part away.
//!
//! Nobody knows beforehand how a history lies in time, and Stripe counts nothing. So a resource begins as one window,
//! and every page is a probe: it tells how much time a hundred objects took. While no window waits to be claimed, one
//! that expects more gives away what is older. Where that turns out to be empty it has cost one request.

use chrono::{DateTime, TimeDelta, Utc};

/// With fewer pages to expect, a split would cost more requests than it saves time.
const WORTHWHILE: f64 = 3.0;

/// With more pages to expect than this, the page's density is trusted for its neighbourhood only: nobody knows whether
/// the past is as dense, so a window keeps little and gives away the rest, and a crowded hour is found in a few steps.
const FAR: f64 = 20_000.0;

/// The second at which a window that reaches back to `from` and is imported down to `reached` is to be cut, given the
/// time between the newest and the oldest object of its last page; none where it is not worth a request.
///
/// What was created at the cut or after stays; all of the second that is reached stays.
#[must_use]
pub fn cut(from: DateTime<Utc>, reached: DateTime<Utc>, page: TimeDelta) -> Option<DateTime<Utc>> {
    let page = page.max(TimeDelta::seconds(1)).as_seconds_f64();
    let expected = (reached - from).as_seconds_f64() / page;
    if expected < WORTHWHILE {
        return None;
    }
    let kept = if expected > FAR {
        expected.sqrt()
    } else {
        expected / 2.0
    };
    let kept = TimeDelta::try_milliseconds(millis(kept * page))?;
    let cut = DateTime::from_timestamp((reached - kept).timestamp(), 0)?;
    (cut > from && cut <= reached).then_some(cut)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "less than the span of a history"
)]
fn millis(seconds: f64) -> i64 {
    (seconds * 1_000.0) as i64
}
