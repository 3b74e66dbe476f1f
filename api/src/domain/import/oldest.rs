//! Finds where the history of a resource begins, by bisection over `created`.

use chrono::{DateTime, TimeDelta, Utc};

/// The answer is as exact as this share of the history's length: enough to divide it well and to tell how far an
/// import is, in few requests.
const RESOLUTION: i32 = 8;

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
    while something_at - nothing_before
        > ((to - something_at) / RESOLUTION).max(TimeDelta::hours(1))
    {
        let middle = middle(nothing_before, something_at);
        match newest_before(middle).await? {
            // An object may carry a time that is none of the list's: what is listed lies within what was asked for.
            Some(older) => something_at = older.clamp(nothing_before, middle),
            None => nothing_before = middle,
        }
    }
    Ok(nothing_before)
}

/// In whole seconds, as Stripe counts.
fn middle(one: DateTime<Utc>, other: DateTime<Utc>) -> DateTime<Utc> {
    one + TimeDelta::seconds((other - one).num_seconds() / 2)
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
            prop_assert!(asked.into_inner() <= 20);
        }
    }
}
