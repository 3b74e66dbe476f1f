//! Whole imports of one resource, simulated: whatever the history, they take little longer than they must.

use std::{cmp::Reverse, collections::BinaryHeap};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::split::cut;

const PAGE: usize = 100;
const SLOTS: usize = 8;

/// Times are in microseconds.
const SECOND: u64 = 1_000_000;
const LATENCY: u64 = 300_000;

/// The first and the last second of what may be asked for.
const BEGIN: i64 = super::windows::FIRST_SECOND;
const END: i64 = 1_793_491_200;

const HOUR: i64 = 3_600;
const YEAR: i64 = 365 * 24 * HOUR;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap()
}

/// A window under way: `[from, to)`, of which the first `got` objects, newest first, have come.
struct Window {
    from: i64,
    to: i64,
    got: usize,
}

/// What an import came to.
struct Run {
    requests: usize,
    time: u64,
    fetched: usize,
    longest_chain: usize,
}

/// Imports a history, newest second first, with so many requests a second.
fn import(history: &[i64], budget: u64) -> Run {
    let mut waiting = vec![Window {
        from: BEGIN,
        to: END,
        got: 0,
    }];
    let mut under_way = BinaryHeap::<Reverse<(u64, usize)>>::new();
    let mut windows: Vec<Window> = Vec::new();
    let (mut next_turn, mut now) = (0, 0);
    let mut run = Run {
        requests: 0,
        time: 0,
        fetched: 0,
        longest_chain: 0,
    };
    loop {
        while under_way.len() < SLOTS {
            let Some(newest) = (0..waiting.len()).max_by_key(|place| waiting[*place].to) else {
                break;
            };
            windows.push(waiting.swap_remove(newest));
            ask(
                &mut under_way,
                windows.len() - 1,
                &mut next_turn,
                now,
                budget,
            );
            run.requests += 1;
        }
        let Some(Reverse((done, place))) = under_way.pop() else {
            return run;
        };
        now = done;
        run.time = now;
        let window = &mut windows[place];
        let objects = within(history, window.from, window.to);
        let page = &objects[window.got.min(objects.len())..objects.len().min(window.got + PAGE)];
        run.fetched += page.len();
        window.got += page.len();
        if window.got == objects.len() {
            continue;
        }
        let (newest, reached) = (page[0], page[page.len() - 1]);
        if waiting.is_empty()
            && let Some(cut) = cut(
                at(window.from),
                at(reached),
                TimeDelta::seconds(newest - reached),
            )
        {
            waiting.push(Window {
                from: window.from,
                to: cut.timestamp(),
                got: 0,
            });
            window.from = cut.timestamp();
        }
        run.longest_chain = run.longest_chain.max(window.got / PAGE);
        // Nothing is left behind the cut: a request that finds nothing, as at Stripe.
        ask(&mut under_way, place, &mut next_turn, now, budget);
        run.requests += 1;
    }
}

fn ask(
    under_way: &mut BinaryHeap<Reverse<(u64, usize)>>,
    window: usize,
    next_turn: &mut u64,
    now: u64,
    budget: u64,
) {
    let turn = now.max(*next_turn);
    *next_turn = turn + SECOND / budget;
    under_way.push(Reverse((turn + LATENCY, window)));
}

/// The objects of a span, newest first.
fn within(history: &[i64], from: i64, to: i64) -> &[i64] {
    let first = history.partition_point(|second| *second >= to);
    let last = history.partition_point(|second| *second >= from);
    &history[first..last]
}

fn newest_first(mut history: Vec<i64>) -> Vec<i64> {
    history.sort_unstable_by_key(|second| Reverse(*second));
    history
}

/// So many objects, evenly over a span.
fn even(count: i64, from: i64, length: i64) -> impl Iterator<Item = i64> {
    (0..count).map(move |place| from + place * length / count)
}

fn assert_near_the_ideal(name: &str, history: Vec<i64>, budget: u64) {
    let history = newest_first(history);
    let run = import(&history, budget);
    let least = history.len().div_ceil(PAGE);
    let ideal = u64::try_from(least).unwrap() * SECOND / budget;
    // Whoever waits for one answer after the other cannot be quicker than that.
    let chain = u64::try_from(run.longest_chain).unwrap() * LATENCY;
    assert_eq!(run.fetched, history.len(), "{name}");
    assert!(
        run.time * 10 <= ideal.max(chain) * 13,
        "{name}: {} µs where {ideal} are ideal",
        run.time
    );
    assert!(
        run.requests <= least + least / 10 + 40,
        "{name}: {} requests for {least}",
        run.requests
    );
}

#[test]
fn any_history_takes_little_longer_than_it_must() {
    let now = END - 10;
    for budget in [8, 20, 25] {
        for count in [50_000, 1_000_000] {
            let uniform = even(count, now - 3 * YEAR, 3 * YEAR).collect();
            assert_near_the_ideal("uniform", uniform, budget);
            let crowded = even(count * 9 / 10, now - YEAR, HOUR).chain(even(
                count / 10,
                now - 3 * YEAR,
                3 * YEAR,
            ));
            assert_near_the_ideal("90 % in one hour", crowded.collect(), budget);
            let late = even(count, now - 30 * 24 * HOUR, 30 * 24 * HOUR).chain([now - 10 * YEAR]);
            assert_near_the_ideal("ten years of nothing, then all", late.collect(), budget);
            let early = even(count, now - 10 * YEAR, YEAR / 2).chain([now]);
            assert_near_the_ideal("all, then ten years of nothing", early.collect(), budget);
            let burst = even(count, now - 3 * YEAR, 3 * YEAR).chain(vec![now - YEAR; 5_000]);
            assert_near_the_ideal("5,000 in one second", burst.collect(), budget);
            let months = (0..36).filter(|month| month % 3 != 1);
            let months = months
                .flat_map(|month| even(count / 24, now - YEAR * 3 + month * YEAR / 12, YEAR / 12));
            assert_near_the_ideal("months with none", months.collect(), budget);
        }
    }
}

#[test]
fn a_history_of_one_page_takes_one_request() {
    for count in [0, 1, 99, 100] {
        let run = import(&newest_first(even(count, END - YEAR, YEAR).collect()), 8);
        assert_eq!(run.requests, 1, "{count} objects");
    }
}

proptest! {
    #[test]
    fn everything_comes_once_and_with_few_requests_too_many(
        clusters in prop::collection::vec((BEGIN..END - 1, 1_i64..YEAR, 1_i64..3_000), 1..12),
    ) {
        let spread = clusters.into_iter().flat_map(|(from, length, count)| even(count, from, length.min(END - from)));
        let history = newest_first(spread.collect());
        let run = import(&history, 20);
        let least = history.len().div_ceil(PAGE);

        prop_assert_eq!(run.fetched, history.len());
        prop_assert!(run.requests <= least * 2 + 40, "{} requests for {}", run.requests, least);
    }

    #[test]
    fn a_cut_lies_within_the_window(from in BEGIN..END, length in 0..20 * YEAR, page in 0..YEAR) {
        let reached = at(from + length);
        if let Some(cut) = cut(at(from), reached, TimeDelta::seconds(page)) {
            prop_assert!(at(from) < cut && cut <= reached);
            prop_assert_eq!(cut.timestamp_subsec_nanos(), 0);
        }
    }
}
