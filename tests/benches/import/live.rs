//! What a dashboard notices of an import: how long a page of the newest payments takes meanwhile, and afterwards.

use std::{
    fmt,
    time::{Duration, Instant},
};

use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::gateway::Gateways;

/// How often a dashboard asks.
const EACH: Duration = Duration::from_millis(100);

/// How often it asks afterwards, in all: enough for one in a hundred to be told.
const AFTERWARDS: usize = 200;

/// How long answers took.
#[derive(Debug, Default)]
pub(crate) struct Answers(Vec<Duration>);

/// The answers during an import and after it.
#[derive(Debug, Default)]
pub(crate) struct Live {
    pub(crate) during: Answers,
    pub(crate) after: Answers,
}

impl Answers {
    /// Asks until it is dropped.
    pub(crate) async fn ask(&mut self, gateways: &Gateways) {
        let mut each = interval(EACH);
        each.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            each.tick().await;
            self.ask_once(gateways).await;
        }
    }

    async fn ask_once(&mut self, gateways: &Gateways) {
        let asked = Instant::now();
        gateways.page_of_payments().await;
        self.0.push(asked.elapsed());
    }

    /// Asks a number of times.
    pub(crate) async fn ask_afterwards(&mut self, gateways: &Gateways) {
        while self.0.len() < AFTERWARDS {
            self.ask_once(gateways).await;
            sleep(EACH / 5).await;
        }
    }

    /// The time within which so many of a hundred answers came.
    fn quantile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted.get(place).copied().unwrap_or_default()
    }
}

impl fmt::Display for Live {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |answers: &Answers, percent| answers.quantile(percent).as_secs_f64() * 1_000.0;
        let times = |answers| (millis(answers, 50), millis(answers, 99));
        let ((p50, p99), (p50_after, p99_after)) = (times(&self.during), times(&self.after));
        write!(
            out,
            "  a page of 50 payments meanwhile: p50 {p50:.1} ms, p99 {p99:.1} ms; afterwards {p50_after:.1} and {p99_after:.1} ms"
        )
    }
}
