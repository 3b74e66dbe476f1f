//! The switchboard of deliveries.

use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use tokio::sync::{Notify, watch};

use super::board::{Board, Next};
use super::{DeliveryAttempt, DeliveryFaults, Job, Retries, Target};
use crate::event::{Event, targets};
use crate::lock::lock;
use crate::state::State;

/// The deliveries of a sandbox, to be steered while it runs.
pub struct Delivery {
    board: Mutex<Board>,
    changed: Notify,
    outstanding: watch::Sender<usize>,
    state: Weak<State>,
}

impl Delivery {
    pub(crate) fn new(seed: u64, state: Weak<State>) -> Self {
        Self {
            board: Mutex::new(Board::new(seed)),
            changed: Notify::new(),
            outstanding: watch::Sender::new(0),
            state,
        }
    }

    /// Lets nothing leave.
    pub fn pause(&self) {
        self.with(|board| board.paused = true);
    }

    /// Lets everything leave that waits.
    pub fn resume(&self) {
        self.with(|board| board.paused = false);
    }

    /// What goes wrong from now on.
    pub fn mode(&self, faults: DeliveryFaults) {
        self.with(|board| board.faults = faults);
    }

    /// How often deliveries are tried.
    pub fn retries(&self, retries: Retries) {
        self.with(|board| board.retries = retries);
    }

    /// How many are under way at a time, 32 by default; with one they come in order.
    pub fn concurrency(&self, at_once: usize) {
        self.with(|board| board.width = at_once.max(1));
    }

    /// Sends what is for one origin, as `https://shop.example`, to another, as a name server would.
    pub fn route(&self, origin: &str, to: &str) {
        self.with(|board| {
            board.routes.insert(origin.to_owned(), to.to_owned());
        });
    }

    /// Where something for an address is sent.
    pub(super) fn routed(&self, url: &str) -> String {
        let board = lock(&self.board);
        let route = board
            .routes
            .iter()
            .find_map(|(origin, to)| Some(format!("{to}{}", url.strip_prefix(origin.as_str())?)));
        route.unwrap_or_else(|| url.to_owned())
    }

    /// Sends an event again to every endpoint that wants it now; tells to how many.
    pub fn redeliver(&self, event: &str) -> usize {
        let Some(state) = self.state.upgrade() else {
            return 0;
        };
        let Some((account, event)) = state.find_event(event) else {
            return 0;
        };
        let targets = targets(&state, &account, &event);
        let count = targets.len();
        self.add(&event, targets, true);
        count
    }

    /// Waits until everything was acknowledged or given up; what waits for a disabled endpoint does not count.
    pub async fn settled(&self) {
        // The sender lives as long as this.
        let _ = self
            .outstanding
            .subscribe()
            .wait_for(|left| *left == 0)
            .await;
    }

    /// How many deliveries are neither acknowledged nor given up.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        *self.outstanding.borrow()
    }

    /// Every try so far, in the order of their answers.
    #[must_use]
    pub fn attempts(&self) -> Vec<DeliveryAttempt> {
        lock(&self.board).log.iter().cloned().collect()
    }

    /// Forgets the tries so far.
    pub fn clear_attempts(&self) {
        lock(&self.board).log.clear();
    }

    pub(crate) fn enqueue(&self, event: &Arc<Event>, targets: Vec<Target>) {
        self.add(event, targets, false);
    }

    /// Goes on with what waited for an endpoint that was disabled.
    pub(crate) fn enabled(&self, endpoint: &str) {
        self.with(|board| board.unpark(endpoint));
    }

    fn add(&self, event: &Arc<Event>, targets: Vec<Target>, is_copy: bool) {
        if targets.is_empty() {
            return;
        }
        let now = Instant::now();
        self.with(|board| {
            for target in targets {
                let job = Job {
                    event: Arc::clone(event),
                    target,
                    failed: 0,
                    is_copy,
                };
                board.add(job, now);
            }
        });
    }

    pub(super) fn next(&self) -> Next {
        lock(&self.board).next(Instant::now())
    }

    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Ends a try: with an answer, or with 0 when there was none.
    pub(super) fn answered(&self, job: Job, status: u16) {
        let attempt = job.attempt(status);
        let succeeded = attempt.succeeded();
        if succeeded && !job.is_copy {
            job.event.acknowledge();
        }
        self.ended(|board| {
            board.note(attempt);
            if !succeeded {
                board.retry(job, Instant::now());
            }
        });
    }

    /// Ends a delivery whose endpoint is gone.
    pub(super) fn gone(&self) {
        self.ended(|_| {});
    }

    /// Ends a delivery for now: its endpoint is disabled.
    pub(super) fn disabled(&self, job: Job) {
        self.ended(|board| board.park(job));
    }

    fn ended(&self, change: impl FnOnce(&mut Board)) {
        self.with(|board| {
            board.in_flight -= 1;
            change(board);
        });
    }

    fn with(&self, change: impl FnOnce(&mut Board)) {
        let mut board = lock(&self.board);
        change(&mut board);
        self.outstanding.send_replace(board.outstanding());
        drop(board);
        self.changed.notify_one();
    }
}
