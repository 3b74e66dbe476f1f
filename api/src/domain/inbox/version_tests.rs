//! Any order of pages, events and fetches ends in Stripe's state.

use proptest::{collection::vec, prelude::*};

use chrono::{DateTime, TimeDelta, Utc};

use super::version::{CLOCKS, SECOND, Verdict, judge, of_event, settles};

/// An object at Stripe: its n-th state holds from the n-th time on.
struct Life(Vec<DateTime<Utc>>);

/// The object as it is stored: a state and when it was observed.
#[derive(Clone, Copy, Debug, Default)]
struct Stored(Option<(usize, DateTime<Utc>)>);

/// What arrives.
#[derive(Clone, Copy, Debug)]
enum Arrival {
    /// The event of a change.
    Event(usize),
    /// A list page that was answered at a time.
    Page(DateTime<Utc>),
}

fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_700_000_000_000_000 + micros).unwrap()
}

impl Life {
    /// The state at a time, if the object exists by then.
    fn at(&self, time: DateTime<Utc>) -> Option<usize> {
        self.0.iter().rposition(|change| *change <= time)
    }

    fn last(&self) -> usize {
        self.0.len() - 1
    }

    fn second_of(&self, change: usize) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0[change].timestamp(), 0).unwrap()
    }
}

impl Stored {
    /// The guard of the upsert.
    fn write(&mut self, state: usize, observed_at: DateTime<Utc>) {
        if self.0.is_none_or(|(_, known)| observed_at > known) {
            self.0 = Some((state, observed_at));
        }
    }

    fn take(&mut self, life: &Life, arrival: Arrival, now: DateTime<Utc>) {
        match arrival {
            Arrival::Page(time) => {
                if let Some(state) = life.at(time) {
                    self.write(state, time);
                }
            }
            Arrival::Event(change) => {
                let created = life.second_of(change);
                match judge(self.0.map(|(_, known)| known), created) {
                    Verdict::Newer => self.write(change, of_event(created)),
                    Verdict::Older => {}
                    Verdict::Unclear => {
                        // It is fetched again until the second is over.
                        let time = now.max(created + SECOND);
                        assert!(settles(time, created));
                        self.write(life.at(time).unwrap(), time);
                    }
                }
            }
        }
    }
}

/// Changes within a few seconds, so that many share one; none on the last microsecond, where no answer stands.
fn life() -> impl Strategy<Value = Life> {
    vec(0..4_000_000_i64, 1..7).prop_map(|mut changes| {
        changes.sort_unstable();
        changes.dedup();
        Life(changes.into_iter().map(at).collect())
    })
}

/// Every event at least once, some twice, and pages answered at any time, in any order.
fn arrivals(changes: usize) -> impl Strategy<Value = Vec<Arrival>> {
    let again = vec(0..changes, 0..5);
    let pages = vec((0..7_i64, 0..999_999_i64), 0..5);
    (again, pages).prop_flat_map(move |(again, pages)| {
        let events = (0..changes).chain(again).map(Arrival::Event);
        let pages = pages
            .into_iter()
            .map(|(second, micros)| Arrival::Page(at(second * 1_000_000 + micros)));
        Just(events.chain(pages).collect::<Vec<_>>()).prop_shuffle()
    })
}

fn lives_with_arrivals() -> impl Strategy<Value = (Life, Vec<Arrival>)> {
    life().prop_flat_map(|life| {
        let arrivals = arrivals(life.0.len());
        (Just(life), arrivals)
    })
}

impl Clone for Life {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl std::fmt::Debug for Life {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_order_ends_in_the_last_state((life, arrivals) in lives_with_arrivals()) {
        // An event arrives after its change; how long after, nobody knows.
        let now = at(20_000_000);
        let mut stored = Stored::default();
        for arrival in arrivals {
            stored.take(&life, arrival, now);
        }
        prop_assert_eq!(stored.0.map(|(state, _)| state), Some(life.last()));
    }

    #[test]
    fn events_that_arrive_as_they_happen_end_in_the_last_state(life in life(), delays in vec(0..3_000_000_i64, 7)) {
        let mut arrivals: Vec<_> = (0..life.0.len())
            .map(|change| (life.0[change] + TimeDelta::microseconds(delays[change]), change))
            .collect();
        arrivals.sort_unstable();
        let mut stored = Stored::default();
        for (now, change) in arrivals {
            stored.take(&life, Arrival::Event(change), now);
        }
        prop_assert_eq!(stored.0.map(|(state, _)| state), Some(life.last()));
    }
}

#[test]
fn a_page_in_the_second_of_an_event_does_not_replace_its_body() {
    let created = at(0);
    let mut stored = Stored::default();
    stored.write(1, of_event(created));
    stored.write(0, created + TimeDelta::milliseconds(300));
    assert_eq!(stored.0.map(|(state, _)| state), Some(1));
}

#[test]
fn an_answer_that_our_clock_dates_too_late_does_not_hide_an_event() {
    let answered = at(0);
    let dated = answered + CLOCKS;
    for change in 1..2_000 {
        let happened = answered + TimeDelta::milliseconds(change);
        let created = DateTime::from_timestamp(happened.timestamp(), 0).unwrap();
        assert_ne!(
            judge(Some(dated), created),
            Verdict::Older,
            "{change} ms later"
        );
    }
}
