//! Whole imports of one resource, simulated: whatever the history, they take little longer than they must.

use std::{
    cell::Cell, cmp::Reverse, collections::BinaryHeap, convert::Infallible, future::ready,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    estimate::Work,
    oldest,
    split::{cuts, enough},
};
use crate::{
    state::Budget,
    storage::{WindowRow, WindowState},
};

const PAGE: usize = 100;
/// Windows side by side, at most.
const SLOTS: usize = 40;

/// Times are in microseconds.
const SECOND: u64 = 1_000_000;
const LATENCY: u64 = 300_000;
/// What it takes to write a page.
const WRITING: u64 = 30_000;

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
    from: Option<i64>,
    to: i64,
    got: usize,
}

impl Window {
    /// As the database has it, once all but its newest pages are behind.
    fn row(&self, covered_to: i64, state: WindowState) -> WindowRow {
        WindowRow {
            id: Uuid::nil(),
            workspace_id: Uuid::nil(),
            import_id: Uuid::nil(),
            connection_id: Uuid::nil(),
            resource: String::new(),
            rank: 0,
            state,
            from_at: self.from.map(at),
            to_at: at(self.to),
            cursor: None,
            covered_to: at(covered_to),
            imported_objects: i64::try_from(self.got).unwrap(),
            attempts: 0,
            run_at: at(0),
            lease_owner: None,
            lease_until: None,
            fence: 0,
            note: None,
        }
    }
}

/// What an import came to.
struct Run {
    requests: usize,
    time: u64,
    fetched: usize,
    /// The requests made, and the work expected then, after each page.
    expected: Vec<(usize, Work)>,
}

/// Imports a history, newest second first, with so many requests a second.
fn import(history: &[i64], budget: u64) -> Run {
    let mut waiting = vec![Window {
        from: None,
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
        expected: Vec::new(),
    };
    let mut rows: Vec<WindowRow> = Vec::new();
    loop {
        while under_way.len() < SLOTS {
            let Some(newest) = (0..waiting.len()).max_by_key(|place| waiting[*place].to) else {
                break;
            };
            let window = waiting.swap_remove(newest);
            rows.push(window.row(window.to, WindowState::Running));
            windows.push(window);
            ask(
                &mut under_way,
                windows.len() - 1,
                &mut next_turn,
                now,
                budget,
                false,
            );
            run.requests += 1;
        }
        let Some(Reverse((done, place))) = under_way.pop() else {
            return run;
        };
        now = done;
        run.time = now;
        let window = &mut windows[place];
        let objects = within(history, window.from.unwrap_or(BEGIN), window.to);
        let page = &objects[window.got.min(objects.len())..objects.len().min(window.got + PAGE)];
        run.fetched += page.len();
        window.got += page.len();
        if window.got == objects.len() {
            rows[place] = window.row(window.from.unwrap_or(BEGIN), WindowState::Done);
            continue;
        }
        let (newest, reached) = (page[0], page[page.len() - 1]);
        if window.from.is_none() && window.got > PAGE {
            let (from, asked) = search(history, reached);
            window.from = Some(from);
            run.requests += asked;
            let rounds = u64::try_from(asked.div_ceil(3)).unwrap();
            now += (LATENCY + 2 * SECOND / budget) * rounds;
            next_turn = next_turn.max(now);
        }
        if waiting.is_empty() {
            let parts = useful(budget).saturating_sub(under_way.len());
            waiting = divide(window, (newest, reached), parts);
        }
        rows[place] = window.row(reached, WindowState::Running);
        if run.requests.is_multiple_of(50) {
            let open = waiting
                .iter()
                .map(|window| window.row(window.to, WindowState::Pending));
            let open: Vec<_> = open.collect();
            let mut all: Vec<_> = rows.iter().chain(&open).collect();
            all.sort_by_key(|window| Reverse(window.to_at));
            run.expected.push((run.requests, Work::of(&all, 100.0)));
        }
        // Nothing is left behind the cut: a request that finds nothing, as at Stripe.
        let is_first = newest - reached <= 1;
        ask(&mut under_way, place, &mut next_turn, now, budget, is_first);
        run.requests += 1;
    }
}

/// What a window gives away after a page.
fn divide(window: &mut Window, (newest, reached): (i64, i64), parts: usize) -> Vec<Window> {
    let Some(from) = window.from else {
        return Vec::new();
    };
    let page = TimeDelta::seconds(newest - reached);
    let cuts = cuts(at(from), at(reached), page, parts);
    let mut older = Vec::new();
    for cut in cuts.into_iter().rev() {
        older.push(Window {
            from: window.from,
            to: cut.timestamp(),
            got: 0,
        });
        window.from = Some(cut.timestamp());
    }
    older
}

fn ask(
    under_way: &mut BinaryHeap<Reverse<(u64, usize)>>,
    window: usize,
    next_turn: &mut u64,
    now: u64,
    budget: u64,
    is_first: bool,
) {
    // What cannot be divided goes before the others that wait.
    let turn = if is_first { now } else { now.max(*next_turn) };
    *next_turn = turn.max(*next_turn) + SECOND / budget;
    under_way.push(Reverse((turn + LATENCY + WRITING, window)));
}

/// How many windows are of use.
fn useful(budget: u64) -> usize {
    let rate = u32::try_from(budget).unwrap().into();
    let budget = Budget {
        requests_per_second: rate,
        endpoint_requests_per_second: rate,
        concurrency: 0,
    };
    enough(budget, Duration::from_micros(LATENCY)).min(SLOTS)
}

/// Where the history begins, and how many requests tell.
fn search(history: &[i64], reached: i64) -> (i64, usize) {
    let asked = Cell::new(0);
    let newest_before = |time: DateTime<Utc>| {
        asked.set(asked.get() + 1);
        let older = within(history, BEGIN, time.timestamp()).first();
        ready(Ok::<_, Infallible>(older.copied().map(at)))
    };
    let found = oldest(at(BEGIN), at(END), at(reached), newest_before).now_or_never();
    let Ok(found) = found.unwrap();
    (found.timestamp(), asked.get())
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
    assert_eq!(run.fetched, history.len(), "{name}");
    assert!(
        run.time * 10 <= ideal * 13,
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
        for count in [50_000, 200_000] {
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
            let months = (0..36).filter(|month| month % 3 != 1);
            let months = months
                .flat_map(|month| even(count / 24, now - YEAR * 3 + month * YEAR / 12, YEAR / 12));
            assert_near_the_ideal("months with none", months.collect(), budget);
        }
    }
}

/// One answer after the other: nobody knows where a burst is before a window gets there.
#[test]
fn a_burst_that_cannot_be_divided_goes_first_once_it_is_found() {
    let now = END - 10;
    let least = 550;
    let (ideal, alone) = (least * SECOND / 25, 50 * (LATENCY + WRITING));
    let took = (1..30).map(|tenth| {
        let burst = vec![now - YEAR * tenth / 10; 5_000];
        let history = even(50_000, now - 3 * YEAR, 3 * YEAR).chain(burst);
        import(&newest_first(history.collect()), 25).time
    });
    let took: Vec<_> = took.collect();

    let mean = took.iter().sum::<u64>() / u64::try_from(took.len()).unwrap();
    assert!(mean * 10 <= ideal * 14, "{mean} µs where {ideal} are ideal");
    let longest = took.into_iter().max().unwrap();
    assert!(longest <= ideal * 11 / 10 + alone, "{longest} µs");
}

#[test]
fn what_is_left_is_known_once_a_tenth_is_done() {
    let now = END - 10;
    let steady = even(100_000, now - 3 * YEAR, 3 * YEAR).collect();
    // In three years to five times as many.
    let growing = (0..36_i64).flat_map(|month| {
        let count = 1_000 + month * 100;
        even(count, now - YEAR * 3 + month * YEAR / 12, YEAR / 12)
    });
    for (name, history) in [("steady", steady), ("growing", growing.collect::<Vec<_>>())] {
        let run = import(&newest_first(history), 20);
        for (made, work) in &run.expected {
            let left = u32::try_from(run.requests - made).unwrap();
            if made * 10 < run.requests || made * 10 > run.requests * 9 {
                continue;
            }
            let off = (work.left - f64::from(left)).abs() / f64::from(left);
            assert!(
                off <= 0.3,
                "{name}: {} expected and {left} left after {made}",
                work.left
            );
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
    fn cuts_lie_within_the_window(
        from in BEGIN..END,
        length in 0..20 * YEAR,
        page in 0..YEAR,
        parts in 0_usize..50,
    ) {
        let reached = at(from + length);
        let cuts = cuts(at(from), reached, TimeDelta::seconds(page), parts);
        prop_assert!(cuts.len() < parts.max(1));
        prop_assert!(cuts.is_sorted_by(|newer, older| newer > older));
        for cut in cuts {
            prop_assert!(at(from) < cut && cut <= reached);
            prop_assert_eq!(cut.timestamp_subsec_nanos(), 0);
        }
    }
}

#[test]
fn what_is_fetched_one_by_one_takes_a_request_each() {
    let window = Window {
        from: Some(0),
        to: 1_000,
        got: 8,
    };
    let row = window.row(920, WindowState::Running);

    let work = Work::of(&[&row], 1.0);

    assert_eq!((work.done, work.left.round()), (8.0, 92.0));
}
