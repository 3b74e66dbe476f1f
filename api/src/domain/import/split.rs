//! Where a dense window gives its older part away.
//!
//! Nobody knows beforehand how a history lies in time, and Stripe counts nothing. So a resource begins as one window,
//! and every page is a probe: it tells how much time a hundred objects took. While its list could be asked for more at
//! once, a window that expects more gives away what is older, in as many parts as are of use. Where one turns out to be
//! empty it has cost one request.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::state::Budget;

/// With fewer pages to expect in each part, a split would cost more requests than it saves time.
const WORTHWHILE: f64 = 2.0;

/// With more pages to expect than this, the page's density is trusted for its neighbourhood only: nobody knows whether
/// the past is as dense, so a window keeps little and gives away the rest, and a crowded hour is found in a few steps.
const FAR: f64 = 20_000.0;

/// More requests side by side than the rate asks for on average: a page has to be written too, and some take longer.
const SLACK: f64 = 1.25;

/// The seconds at which a window that reaches back to `from` and is imported down to `reached` is to be cut, the newest
/// first, to make at most so many `parts` of it, given the time between the newest and the oldest object of its last
/// page; none where it is not worth a request.
///
/// What was created at a cut or after stays on its newer side; all of the second that is reached stays.
#[must_use]
pub fn cuts(
    from: DateTime<Utc>,
    reached: DateTime<Utc>,
    page: TimeDelta,
    parts: usize,
) -> Vec<DateTime<Utc>> {
    // A second that holds more than a page cannot be divided: it is left to itself.
    let burst = (page.is_zero() && parts > 1 && from < reached).then_some(reached);
    let parts = parts - usize::from(burst.is_some());
    let page = page.max(TimeDelta::seconds(1)).as_seconds_f64();
    let expected = (reached - from).as_seconds_f64() / page;
    let (kept, parts) = if expected > FAR {
        (expected.sqrt(), parts.min(2))
    } else {
        let parts = parts.min(whole(expected / WORTHWHILE));
        (expected / float(parts), parts)
    };
    let cut = |place| {
        let seconds = kept * page * float(place);
        let cut = reached - TimeDelta::try_milliseconds(millis(seconds))?;
        DateTime::from_timestamp(cut.timestamp(), 0)
    };
    let cuts = (1..parts).map_while(cut);
    let cuts = cuts.filter(|cut| from < *cut && *cut <= reached);
    let mut cuts: Vec<_> = burst.into_iter().chain(cuts).collect();
    cuts.dedup();
    cuts
}

/// How many windows of a list are enough to ask for as many pages a second as the budget allows, where one takes this
/// long: more would only wait, and what each of them finds out would come later.
#[must_use]
pub fn enough(budget: Budget, page: Duration) -> usize {
    let rate = budget
        .requests_per_second
        .min(budget.endpoint_requests_per_second);
    whole((rate * page.as_secs_f64() * SLACK).ceil()) + 1
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "less than the span of a history"
)]
fn millis(seconds: f64) -> i64 {
    (seconds * 1_000.0) as i64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of windows: neither negative nor large"
)]
fn whole(number: f64) -> usize {
    number as usize
}

#[expect(clippy::cast_precision_loss, reason = "a number of windows")]
fn float(number: usize) -> f64 {
    number as f64
}
