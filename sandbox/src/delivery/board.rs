//! What waits for its delivery.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::{DeliveryAttempt, DeliveryFaults, Job, Retries};
use crate::seed::Dice;

/// The log of attempts is cut at so many.
const REMEMBERED: usize = 200_000;

/// How far deliveries that come in any order are spread.
const SPREAD: Duration = Duration::from_millis(40);

/// The queues of a delivery and how they are steered.
pub(super) struct Board {
    dice: Dice,
    ready: VecDeque<Job>,
    /// By the time from which on they are ready.
    later: BTreeMap<(Instant, u64), Job>,
    /// For endpoints that are disabled.
    parked: Vec<Job>,
    next: u64,
    pub(super) in_flight: usize,
    pub(super) width: usize,
    pub(super) paused: bool,
    pub(super) faults: DeliveryFaults,
    pub(super) retries: Retries,
    /// By the origin that is meant.
    pub(super) routes: BTreeMap<String, String>,
    pub(super) log: VecDeque<DeliveryAttempt>,
}

/// What the runner does next.
pub(super) enum Next {
    Deliver(Box<Job>),
    /// Nothing until then, or until something changes.
    Wait(Option<Instant>),
}

impl Board {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            ready: VecDeque::new(),
            later: BTreeMap::new(),
            parked: Vec::new(),
            next: 0,
            in_flight: 0,
            width: 32,
            paused: false,
            faults: DeliveryFaults::default(),
            retries: Retries::default(),
            routes: BTreeMap::new(),
            log: VecDeque::new(),
        }
    }

    /// Takes a new delivery in, with all that can happen to it.
    pub(super) fn add(&mut self, job: Job, now: Instant) {
        if self.faults.drop > 0.0 && self.dice.chance(self.faults.drop) {
            let attempt = job.attempt(0);
            self.note(DeliveryAttempt {
                number: 0,
                ..attempt
            });
            return;
        }
        if self.faults.duplicate > 0.0 && self.dice.chance(self.faults.duplicate) {
            let copy = Job {
                is_copy: true,
                ..job.clone()
            };
            self.queue(copy, now, SPREAD);
        }
        self.queue(job, now, Duration::ZERO);
    }

    /// Tries again after the pause, or gives up.
    pub(super) fn retry(&mut self, mut job: Job, now: Instant) {
        job.failed += 1;
        if let Some(pause) = self.retries.pause(job.failed) {
            self.wait(job, now + pause);
        }
    }

    /// Keeps it until its endpoint is enabled again.
    pub(super) fn park(&mut self, job: Job) {
        self.parked.push(job);
    }

    /// Goes on with what waited for an endpoint.
    pub(super) fn unpark(&mut self, endpoint: &str) {
        let (ready, parked) = std::mem::take(&mut self.parked)
            .into_iter()
            .partition::<Vec<_>, _>(|job| job.target.endpoint == endpoint);
        self.parked = parked;
        self.ready.extend(ready);
    }

    pub(super) fn next(&mut self, now: Instant) -> Next {
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            self.ready.push_back(entry.remove());
        }
        if self.paused || self.in_flight >= self.width {
            return Next::Wait(None);
        }
        let taken = if self.faults.reorder && !self.ready.is_empty() {
            let at = self.dice.index(self.ready.len());
            self.ready.swap_remove_front(at)
        } else {
            self.ready.pop_front()
        };
        match taken {
            Some(job) => {
                self.in_flight += 1;
                Next::Deliver(Box::new(job))
            }
            None => Next::Wait(self.later.first_key_value().map(|((at, _), _)| *at)),
        }
    }

    /// How many are not yet answered or given up.
    pub(super) fn outstanding(&self) -> usize {
        self.ready.len() + self.later.len() + self.in_flight
    }

    pub(super) fn note(&mut self, attempt: DeliveryAttempt) {
        if self.log.len() == REMEMBERED {
            self.log.pop_front();
        }
        self.log.push_back(attempt);
    }

    fn queue(&mut self, job: Job, now: Instant, spread: Duration) {
        let spread = if self.faults.reorder { SPREAD } else { spread };
        let mut pause = self.faults.delay.draw(self.dice.unit());
        if !spread.is_zero() {
            pause += spread.mul_f64(self.dice.unit());
        }
        if pause.is_zero() {
            self.ready.push_back(job);
        } else {
            self.wait(job, now + pause);
        }
    }

    fn wait(&mut self, job: Job, until: Instant) {
        self.next += 1;
        self.later.insert((until, self.next), job);
    }
}
