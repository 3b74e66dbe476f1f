//! The books of one connection: what is reserved, who is at work, and what was learnt.
//!
//! `budget.lua` does the same inside Redis, step for step; one suite of tests goes over both.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use uuid::Uuid;

use super::ask::{
    AHEAD, About, Ask, CATCH_UP, Complaint, ENDPOINT_CATCH_UP, FIRST_AHEAD, Given, LEASE,
    MOST_OUT_OF_TURN, ONE_COMPLAINT, RISE, Reply, SLOWEST, Want, endpoint_rates,
};

/// Times are durations since any fixed moment.
#[derive(Debug, Default)]
pub(super) struct Books {
    next: Duration,
    rate: Learnt,
    places: Learnt,
    endpoints: HashMap<Arc<str>, Endpoint>,
    processes: BTreeMap<Uuid, Process>,
}

#[derive(Debug, Default)]
struct Endpoint {
    next: Duration,
    rate: Learnt,
}

/// A share that was halved and rises again: nothing has to be kept of it once it is whole.
#[derive(Debug, Default)]
struct Learnt(Option<(f64, Duration)>);

#[derive(Clone, Copy, Debug)]
struct Process {
    under_way: u32,
    /// Since when it wants places that it is not given.
    hungry_since: Option<Duration>,
    until: Duration,
}

impl Learnt {
    fn now(&self, most: f64, now: Duration) -> f64 {
        self.0.map_or(most, |(value, at)| {
            let risen = most * RISE * now.saturating_sub(at).as_secs_f64();
            (value + risen).min(most)
        })
    }

    fn halve(&mut self, most: f64, least: f64, now: Duration, age: Duration) {
        let sent = now.saturating_sub(age.max(ONE_COMPLAINT));
        if self.0.is_none_or(|(_, at)| at <= sent) {
            self.0 = Some(((self.now(most, now) / 2.0).max(least), now));
        }
    }
}

impl Books {
    /// Notes what a process says, and gives what there is.
    pub(super) fn ask(&mut self, now: Duration, ask: &Ask) -> Given {
        for complaint in &ask.complaints {
            self.note(now, ask, complaint);
        }
        let rate = self.rate.now(ask.budget.requests_per_second, now);
        let interval = Duration::from_secs_f64(1.0 / rate);
        self.next = self.next.max(now.saturating_sub(CATCH_UP));
        if ask.out_of_turn > 0 {
            let pushed = self.next + interval * ask.out_of_turn;
            self.next = pushed.min(now + MOST_OUT_OF_TURN).max(self.next);
        }
        self.processes.retain(|_, process| process.until > now);
        let (mut free, fair) = self.free_places(now, ask);
        let mut replies = Vec::with_capacity(ask.wants.len());
        let mut ahead = FIRST_AHEAD;
        for want in &ask.wants {
            let reply = if want.waits_for_place && free <= 0 {
                Reply::Full
            } else {
                self.turn(now, ask, want, interval, ahead)
            };
            if let Reply::Turn(_) = reply {
                free -= 1;
                ahead = AHEAD;
            }
            replies.push(reply);
        }
        self.remember(now, ask, &replies, fair);
        let others = self.processes.keys().filter(|id| **id != ask.process);
        Given {
            processes: u32::try_from(others.count()).map_or(u32::MAX, |others| others + 1),
            replies,
        }
    }

    fn note(&mut self, now: Duration, ask: &Ask, complaint: &Complaint) {
        let (budget, age) = (ask.budget, complaint.age);
        match &complaint.about {
            About::Rate => self
                .rate
                .halve(budget.requests_per_second, SLOWEST, now, age),
            About::Places => self
                .places
                .halve(f64::from(budget.concurrency), 1.0, now, age),
            About::Endpoint {
                endpoint,
                most_per_second,
            } => {
                let (_, most) = endpoint_rates(*most_per_second, budget);
                let endpoint = self.endpoints.entry(Arc::clone(endpoint)).or_default();
                endpoint.rate.halve(most, SLOWEST, now, age);
            }
        }
    }

    /// How many places the process may take now, and its fair share of all; where another waits longer for one, no more
    /// than that.
    fn free_places(&self, now: Duration, ask: &Ask) -> (i64, i64) {
        let most = f64::from(ask.budget.concurrency);
        let width = whole(self.places.now(most, now).max(1.0));
        let before = self.processes.get(&ask.process);
        let mine = before.and_then(|process| process.hungry_since);
        let (mut taken, mut at_work, mut is_first) = (0, 1, true);
        for (id, other) in &self.processes {
            if *id == ask.process {
                continue;
            }
            taken += i64::from(other.under_way);
            at_work += i64::from(other.under_way > 0 || other.hungry_since.is_some());
            if let Some(since) = other.hungry_since {
                is_first &= mine.is_some_and(|mine| mine <= since);
            }
        }
        let under_way = i64::from(ask.under_way);
        let fair = width / at_work;
        let share = if is_first { width } else { fair };
        ((width - taken - under_way).min(share - under_way), fair)
    }

    fn turn(
        &mut self,
        now: Duration,
        ask: &Ask,
        want: &Want,
        interval: Duration,
        ahead: Duration,
    ) -> Reply {
        if self.next > now + ahead {
            return Reply::Later(self.next.saturating_sub(now + ahead));
        }
        let (most, felt) = endpoint_rates(want.most_per_second, ask.budget);
        let endpoint = self
            .endpoints
            .entry(Arc::clone(&want.endpoint))
            .or_default();
        let free = endpoint.next.max(now.saturating_sub(ENDPOINT_CATCH_UP));
        let earliest = self.next.max(now);
        if free > earliest + AHEAD {
            return Reply::Later(free.saturating_sub(now + AHEAD));
        }
        let learnt = endpoint.rate.now(felt, now);
        let rate = if learnt < felt { learnt } else { most };
        endpoint.next = free + Duration::from_secs_f64(1.0 / rate);
        self.next += interval;
        Reply::Turn(earliest.max(free).saturating_sub(now))
    }

    /// Notes what the process has now, until its lease ends.
    fn remember(&mut self, now: Duration, ask: &Ask, replies: &[Reply], fair: i64) {
        let given = replies
            .iter()
            .filter(|reply| matches!(reply, Reply::Turn(_)));
        let given = u32::try_from(given.count()).unwrap_or(u32::MAX);
        let under_way = ask.under_way.saturating_add(given);
        // Whoever has its fair share may want more, but need not be waited for.
        let has_little = under_way == 0 || i64::from(under_way) < fair;
        let is_hungry = has_little && replies.contains(&Reply::Full);
        if under_way == 0 && !is_hungry {
            self.processes.remove(&ask.process);
            return;
        }
        let before = self.processes.get(&ask.process);
        let since = before.and_then(|process| process.hungry_since);
        let since = since.filter(|_| given == 0).unwrap_or(now);
        let process = Process {
            under_way,
            hungry_since: is_hungry.then_some(since),
            until: now + LEASE,
        };
        self.processes.insert(ask.process, process);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a configured number of places, or less"
)]
fn whole(places: f64) -> i64 {
    places.floor() as i64
}
