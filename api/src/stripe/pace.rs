//! The pace of one connection: requests a second and requests side by side, within a budget.
//!
//! The merchant's own checkout shares the account's limits, so the budget is never exceeded, and where Stripe says
//! that it is too much the pace is halved at once and won back slowly.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::error::{RateLimitReason, StripeError, StripeErrorKind};

/// The most that a connection may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Requests a second.
    pub requests_per_second: f64,
    /// Requests side by side.
    pub concurrency: u32,
}

/// Of the budget, so much is won back each second without trouble.
const RISE: f64 = 0.05;

/// Never slower than a request in ten seconds: otherwise nobody would notice that the trouble is over.
const SLOWEST: f64 = 0.1;

/// Refusals of requests that were on their way together count as one.
const ONE_REFUSAL: Duration = Duration::from_secs(1);

/// A turn that was not taken in time may be made up for so long.
const CATCH_UP: Duration = Duration::from_millis(250);

/// Paces the requests of one connection.
pub struct Pace {
    budget: Budget,
    state: Mutex<State>,
    freed: Notify,
}

struct State {
    rate: f64,
    width: f64,
    under_way: u32,
    next_turn: Instant,
    halved_at: Option<Instant>,
}

/// The right to one request; given back when dropped.
pub struct Turn(Arc<Pace>);

impl Pace {
    /// A pace that begins with the whole budget.
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        let state = State {
            rate: budget.requests_per_second,
            width: f64::from(budget.concurrency),
            under_way: 0,
            next_turn: Instant::now(),
            halved_at: None,
        };
        Self {
            budget,
            state: Mutex::new(state),
            freed: Notify::new(),
        }
    }

    /// Waits for a place among the requests side by side, then for the next turn.
    pub async fn turn(self: &Arc<Self>) -> Turn {
        loop {
            let freed = self.freed.notified();
            if self.with(State::take_place) {
                break;
            }
            freed.await;
        }
        let turn = Turn(Arc::clone(self));
        sleep_until(self.with(State::take_turn)).await;
        turn
    }

    /// Makes one request in its turn, and learns from its answer.
    pub async fn request<T>(
        self: &Arc<Self>,
        request: impl Future<Output = Result<T, StripeError>>,
    ) -> Result<T, StripeError> {
        let turn = self.turn().await;
        let answer = request.await;
        drop(turn);
        match &answer {
            Ok(_) => self.went_well(),
            Err(error) => {
                if let StripeErrorKind::RateLimited { reason, .. } = error.kind {
                    self.was_limited(reason);
                }
            }
        }
        answer
    }

    /// A request was answered: the pace rises towards the budget.
    fn went_well(&self) {
        let Budget {
            requests_per_second,
            concurrency,
        } = self.budget;
        self.with(|state| {
            let share = RISE / state.rate.max(SLOWEST);
            let rise = |value: f64, most: f64| (value + most * share).min(most);
            state.rate = rise(state.rate, requests_per_second);
            state.width = rise(state.width, f64::from(concurrency));
        });
        self.freed.notify_one();
    }

    /// Stripe limits us: halves what it complains of.
    fn was_limited(&self, reason: Option<RateLimitReason>) {
        let now = Instant::now();
        self.with(|state| {
            if state.halved_at.is_some_and(|at| now - at < ONE_REFUSAL) {
                return;
            }
            state.halved_at = Some(now);
            if reason.is_some_and(RateLimitReason::is_concurrency) {
                state.width = (state.width / 2.0).max(1.0);
            } else if reason != Some(RateLimitReason::Lock) {
                state.rate = (state.rate / 2.0).max(SLOWEST);
            }
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn take_place(&mut self) -> bool {
        let free = f64::from(self.under_way) + 1.0 <= self.width;
        self.under_way += u32::from(free);
        free
    }

    fn take_turn(&mut self) -> Instant {
        let now = Instant::now();
        let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
        let turn = self.next_turn.max(earliest);
        self.next_turn = turn + Duration::from_secs_f64(1.0 / self.rate);
        turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.with(|state| state.under_way -= 1);
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(requests_per_second: f64, concurrency: u32) -> Arc<Pace> {
        Arc::new(Pace::new(Budget {
            requests_per_second,
            concurrency,
        }))
    }

    /// Requests of 300 ms each from as many tasks as there are places, for so many seconds.
    async fn requests_in(pace: &Arc<Pace>, tasks: u32, seconds: u64) -> u32 {
        let end = Instant::now() + Duration::from_secs(seconds);
        let worker = || {
            let pace = Arc::clone(pace);
            tokio::spawn(async move {
                let mut done = 0;
                loop {
                    let turn = pace.turn().await;
                    if Instant::now() >= end {
                        return done;
                    }
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    pace.went_well();
                    drop(turn);
                    done += 1;
                }
            })
        };
        let workers: Vec<_> = (0..tasks).map(|_| worker()).collect();
        let mut all = 0;
        for worker in workers {
            all += worker.await.unwrap();
        }
        all
    }

    #[tokio::test(start_paused = true)]
    async fn the_budget_is_used_and_never_exceeded() {
        let made = requests_in(&pace(8.0, 8), 8, 60).await;

        assert!(
            (456..=483).contains(&made),
            "{made} requests in a minute of 480"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_the_allowed_requests_run_side_by_side() {
        let made = requests_in(&pace(1000.0, 2), 8, 30).await;

        assert!(
            (190..=202).contains(&made),
            "{made} requests, 2 at a time, 300 ms each"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_halves_the_rate_once_and_it_comes_back() {
        let pace = pace(20.0, 8);
        for _ in 0..5 {
            pace.was_limited(Some(RateLimitReason::GlobalRate));
        }
        let slow = requests_in(&pace, 8, 2).await;
        requests_in(&pace, 8, 15).await;
        let again = requests_in(&pace, 8, 10).await;

        assert!(
            (18..=28).contains(&slow),
            "{slow} requests in two seconds at half of 20"
        );
        assert!(
            (190..=206).contains(&again),
            "{again} requests in ten seconds at 20"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_of_concurrency_leaves_the_rate_alone() {
        let pace = pace(20.0, 8);
        pace.was_limited(Some(RateLimitReason::EndpointConcurrency));

        assert!(pace.with(|state| (state.rate - 20.0).abs() < f64::EPSILON));
        assert!(pace.with(|state| (state.width - 4.0).abs() < f64::EPSILON));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_given_up_frees_its_place() {
        let pace = pace(1000.0, 1);
        let held = pace.turn().await;
        let waiting = tokio::spawn({
            let pace = Arc::clone(&pace);
            async move { pace.turn().await }
        });
        tokio::task::yield_now().await;
        waiting.abort();
        drop(held);

        tokio::time::timeout(Duration::from_secs(1), pace.turn())
            .await
            .unwrap();
    }
}
