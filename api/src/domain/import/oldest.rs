//! Finds where the history of a resource begins, by a few rounds of questions side by side.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::try_join_all;

/// The answer is as exact as this share of the history's length: enough to divide it well and to tell how far an
/// import is, in few requests.
const RESOLUTION: i32 = 6;

/// So many questions are put at once. Three rounds of them are usually enough, as the ages that they ask about rise by a
/// factor: nobody knows whether a history is as long as an hour or as ten years.
const SIDE_BY_SIDE: i32 = 3;

/// No history counts as shorter.
const SHORTEST: TimeDelta = TimeDelta::hours(1);

/// A time before which there is nothing, where something was created at `something_at` and nothing before `from`.
///
/// `newest_before` tells the creation time of the newest object before a time, which is what one request for a list
/// of one can: so every answer that is not empty may jump over a long silence.
pub async fn oldest<F, E>(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    something_at: DateTime<Utc>,
    newest_before: impl Fn(DateTime<Utc>) -> F,
) -> Result<DateTime<Utc>, E>
where
    F: Future<Output = Result<Option<DateTime<Utc>>, E>>,
{
    let (mut nothing_before, mut something_at) = (from, something_at);
    while something_at - nothing_before > ((to - something_at) / RESOLUTION).max(SHORTEST) {
        let times = between(to, something_at, nothing_before);
        let answers = try_join_all(times.iter().map(|time| newest_before(*time))).await?;
        for (time, newest) in times.into_iter().zip(answers) {
            let Some(older) = newest else {
                nothing_before = time;
                break;
            };
            // An object may carry a time that is none of the list's: what is listed lies within what was asked for.
            something_at = something_at.min(older.clamp(nothing_before, time));
        }
    }
    Ok(nothing_before)
}

/// Times between the two, the newer first, in whole seconds, as Stripe counts; each of an age that is so many times that
/// of the one before.
fn between(to: DateTime<Utc>, newer: DateTime<Utc>, older: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let youngest = (to - newer).max(SHORTEST).as_seconds_f64();
    let factor = ((to - older).as_seconds_f64() / youngest).powf(1.0 / f64::from(SIDE_BY_SIDE + 1));
    let ages = (1..=SIDE_BY_SIDE).map(|place| youngest * factor.powi(place));
    let times = ages.map(|age| to - TimeDelta::seconds(whole(age)));
    let mut times: Vec<_> = times
        .filter(|time| older < *time && *time < newer)
        .collect();
    times.dedup();
    times
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "less than the age of a history"
)]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        sync::atomic::{AtomicU32, Ordering},
    };

    use proptest::prelude::*;

    use super::*;

    const FROM: i64 = 1_262_304_000;
    const TO: i64 = 1_780_000_000;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    proptest! {
        #[test]
        fn nothing_lies_before_what_is_found(history in prop::collection::vec(FROM..TO, 1..40)) {
            let asked = AtomicU32::new(0);
            let newest_before = |time: DateTime<Utc>| {
                asked.fetch_add(1, Ordering::Relaxed);
                let older = history.iter().copied().filter(|second| at(*second) < time);
                std::future::ready(Ok::<_, Infallible>(older.max().map(at)))
            };
            let newest = at(*history.iter().max().unwrap());
            let oldest_of_all = at(*history.iter().min().unwrap());

            let search = oldest(at(FROM), at(TO), newest, newest_before);
            let found = futures_util::FutureExt::now_or_never(search).unwrap().unwrap();

            let slack = ((at(TO) - oldest_of_all) / RESOLUTION).max(TimeDelta::hours(1));
            prop_assert!(found <= oldest_of_all);
            prop_assert!(oldest_of_all - found <= slack);
            prop_assert!(asked.into_inner() <= 15);
        }
    }
}
