//! Finds where the history of a resource begins, by bisection over `created`.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::stripe::StripeError;

/// How exact the answer is: windows are divided at months anyway.
const RESOLUTION: TimeDelta = TimeDelta::days(30);

/// A time before which there is nothing, at most a month before the oldest object of `[from, to)`; none where there
/// is no object.
///
/// `newest_before` tells the creation time of the newest object before a time, which is what one request for a list
/// of one can: so every answer that is not empty may jump over a long silence.
pub(super) async fn oldest<F>(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    newest_before: impl Fn(DateTime<Utc>) -> F,
) -> Result<Option<DateTime<Utc>>, StripeError>
where
    F: Future<Output = Result<Option<DateTime<Utc>>, StripeError>>,
{
    // An object may carry a time that is none of the list's: what the list holds lies within what it was asked for.
    let Some(newest) = newest_before(to).await? else {
        return Ok(None);
    };
    let (mut nothing_before, mut something_at) = (from, newest.clamp(from, to));
    while something_at - nothing_before > RESOLUTION {
        let middle = nothing_before + half(something_at - nothing_before);
        match newest_before(middle).await? {
            Some(older) => something_at = older.clamp(nothing_before, middle),
            None => nothing_before = middle,
        }
    }
    Ok(Some(nothing_before))
}

/// Whole seconds, as Stripe counts.
fn half(span: TimeDelta) -> TimeDelta {
    TimeDelta::from_std(Duration::from_secs(span.num_seconds().unsigned_abs() / 2))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use proptest::prelude::*;

    use super::*;

    const FROM: i64 = 1_262_304_000;
    const TO: i64 = 1_780_000_000;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn find(history: &[i64]) -> (Option<DateTime<Utc>>, u32) {
        let asked = AtomicU32::new(0);
        let newest_before = |time: DateTime<Utc>| {
            asked.fetch_add(1, Ordering::Relaxed);
            let newest = history
                .iter()
                .copied()
                .filter(|second| at(*second) < time)
                .max();
            std::future::ready(Ok(newest.map(at)))
        };
        let search = oldest(at(FROM), at(TO), newest_before);
        let found = futures_util::FutureExt::now_or_never(search)
            .unwrap()
            .unwrap();
        (found, asked.into_inner())
    }

    #[test]
    fn an_empty_history_takes_one_request() {
        assert_eq!(find(&[]), (None, 1));
    }

    proptest! {
        #[test]
        fn nothing_lies_before_what_is_found(history in prop::collection::vec(FROM..TO, 1..40)) {
            let (found, asked) = find(&history);
            let oldest = at(*history.iter().min().unwrap());

            prop_assert!(found.unwrap() <= oldest);
            prop_assert!(oldest - found.unwrap() <= RESOLUTION);
            prop_assert!(asked <= 10, "{} requests", asked);
        }
    }
}
