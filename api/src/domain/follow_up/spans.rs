//! When a payment is asked for again whose fee is not known: each time when it is twice as old as the time before, until
//! it is a week old. Stripe settles within seconds to an hour (Stripe contract section 7.3).
//!
//! Nothing is noted on the payments: a payment has come of age since the last look if it was created in a span that
//! follows from both moments.

use chrono::{DateTime, TimeDelta, Utc};

use crate::storage::CreatedSpan;

/// How old a payment is when it is asked for first.
pub(super) const FIRST: TimeDelta = TimeDelta::minutes(10);

/// A payment that is older is not asked for any more.
pub(super) const LAST: TimeDelta = TimeDelta::days(8);

/// The spans of creation times of payments that are to be asked for now, after a look at `seen`.
pub(super) fn due(seen: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Vec<CreatedSpan> {
    let seen = seen.filter(|seen| *seen > now - LAST);
    let Some(seen) = seen else {
        return vec![(now - LAST, now - FIRST)];
    };
    let ages = std::iter::successors(Some(FIRST), |age| Some(*age * 2));
    let ages = ages.take_while(|age| *age <= LAST);
    ages.map(|age| (seen - age, now - age)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    /// The ages at which a payment was asked for by looks at these moments.
    fn asked(created: i64, looks: &[i64]) -> Vec<i64> {
        let mut seen = None;
        let mut ages = Vec::new();
        for look in looks {
            let spans = due(seen, at(*look));
            let within = |span: &CreatedSpan| at(created) > span.0 && at(created) <= span.1;
            if spans.iter().any(within) {
                ages.push(look - created);
            }
            seen = Some(at(*look));
        }
        ages
    }

    #[test]
    fn the_pauses_double_and_come_to_an_end() {
        let looks: Vec<i64> = (-10..30 * 1_440).map(|minute| minute * 60).collect();
        let minutes: Vec<_> = asked(0, &looks).iter().map(|age| age / 60).collect();

        assert_eq!(
            minutes,
            [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240]
        );
    }

    proptest! {
        #[test]
        fn however_seldom_somebody_looks_nobody_is_forgotten_or_asked_twice_in_a_pause(
            pauses in prop::collection::vec(1_i64..20_000, 1..200),
        ) {
            let mut looks = vec![-1];
            looks.extend(pauses.iter().scan(0, |now, pause| { *now += pause; Some(*now) }));
            let ages = asked(0, &looks);

            for pair in ages.windows(2) {
                let boundary = |age: i64| (age / 600).ilog2();
                prop_assert!(boundary(pair[1]) > boundary(pair[0]));
            }
            let oldest = *looks.last().unwrap();
            let first = looks.iter().find(|look| **look >= 600);
            prop_assert_eq!(ages.first(), first.filter(|_| oldest >= 600));
        }
    }
}
