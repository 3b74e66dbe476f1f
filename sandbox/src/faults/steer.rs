//! The switchboard of all faults.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::limit::Bucket;
use super::{Fault, Latency, RateLimit, Rule};
use crate::lock::lock;
use crate::seed::Dice;

/// The faults of a sandbox, to be steered while it runs.
#[derive(Clone)]
pub struct Faults {
    board: Arc<Mutex<Board>>,
}

struct Board {
    dice: Dice,
    down: bool,
    latencies: Vec<(String, Latency)>,
    rules: Vec<Rule>,
    limit: RateLimit,
    buckets: HashMap<String, Bucket>,
    busy: HashMap<String, usize>,
    struck: BTreeMap<&'static str, u64>,
}

/// What happens to one request.
pub(crate) struct Verdict {
    pub(crate) delay: Duration,
    pub(crate) fault: Option<Fault>,
    _slot: Slot,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        let board = Board {
            dice: Dice::new(seed),
            down: false,
            latencies: Vec::new(),
            rules: Vec::new(),
            limit: RateLimit::NONE,
            buckets: HashMap::new(),
            busy: HashMap::new(),
            struck: BTreeMap::new(),
        };
        Self {
            board: Arc::new(Mutex::new(board)),
        }
    }

    /// Delays every request.
    pub fn latency(&self, latency: Latency) {
        self.latency_on("", latency);
    }

    /// Delays the requests whose path begins like this; the longest beginning counts.
    pub fn latency_on(&self, path: &str, latency: Latency) {
        let mut board = lock(&self.board);
        board.latencies.retain(|(known, _)| known != path);
        board.latencies.push((path.to_owned(), latency));
        board
            .latencies
            .sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    }

    /// Adds a fault; of several that strike the same request the first added counts.
    pub fn inject(&self, rule: Rule) {
        lock(&self.board).rules.push(rule);
    }

    /// Enforces limits on each account.
    pub fn limit(&self, limit: RateLimit) {
        let mut board = lock(&self.board);
        board.limit = limit;
        board.buckets.clear();
    }

    /// Answers everything with 503, or no longer.
    pub fn down(&self, down: bool) {
        lock(&self.board).down = down;
    }

    /// Ends all faults, delays and limits; the counts stay.
    pub fn clear(&self) {
        let mut board = lock(&self.board);
        board.down = false;
        board.latencies.clear();
        board.rules.clear();
        board.buckets.clear();
        board.limit = RateLimit::NONE;
    }

    /// How often each kind of fault struck, refusals by limits included.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        lock(&self.board)
            .struck
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    }

    /// Decides about a request of an account and takes its place among those at work.
    pub(crate) fn judge(&self, account: &str, endpoint: &str, path: &str) -> Verdict {
        let mut board = lock(&self.board);
        let delay = board.delay(path);
        let fault = board.fault(account, endpoint, path);
        if let Some(fault) = &fault {
            *board.struck.entry(fault.name()).or_default() += 1;
        }
        *board.busy.entry(account.to_owned()).or_default() += 1;
        let slot = Slot {
            board: Arc::clone(&self.board),
            account: account.to_owned(),
        };
        Verdict {
            delay,
            fault,
            _slot: slot,
        }
    }
}

impl Board {
    fn delay(&mut self, path: &str) -> Duration {
        let latency = self
            .latencies
            .iter()
            .find(|(beginning, _)| path.starts_with(beginning))
            .map(|(_, it)| *it);
        latency.map_or(Duration::ZERO, |latency| latency.draw(self.dice.unit()))
    }

    fn fault(&mut self, account: &str, endpoint: &str, path: &str) -> Option<Fault> {
        if self.down {
            return Some(Fault::Unavailable);
        }
        let luck = if self.rules.is_empty() {
            0.0
        } else {
            self.dice.unit()
        };
        let struck = self
            .rules
            .iter_mut()
            .find_map(|rule| rule.strikes(path, luck).then(|| rule.fault.clone()));
        self.rules.retain(|rule| !rule.is_spent());
        struck.or_else(|| self.refusal(account, endpoint))
    }

    fn refusal(&mut self, account: &str, endpoint: &str) -> Option<Fault> {
        let RateLimit {
            per_second,
            per_endpoint,
            burst,
            concurrency,
        } = self.limit;
        let busy = self.busy.get(account).copied().unwrap_or_default();
        if concurrency.is_some_and(|most| busy >= most) {
            return Some(Fault::rate_limited("global-concurrency"));
        }
        if per_second.is_some_and(|rate| !self.take(account.to_owned(), rate, burst)) {
            return Some(Fault::rate_limited("global-rate"));
        }
        if per_endpoint.is_some_and(|rate| !self.take(format!("{account} {endpoint}"), rate, burst))
        {
            return Some(Fault::rate_limited("endpoint-rate"));
        }
        None
    }

    fn take(&mut self, bucket: String, rate: f64, burst: Option<f64>) -> bool {
        let (now, capacity) = (Instant::now(), burst.unwrap_or(rate).max(1.0));
        self.buckets
            .entry(bucket)
            .or_insert_with(|| Bucket::full(capacity, now))
            .take(rate, capacity, now)
    }
}

/// A place among the requests at work, given back when the request ends however it ends.
struct Slot {
    board: Arc<Mutex<Board>>,
    account: String,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(busy) = lock(&self.board).busy.get_mut(&self.account) {
            *busy = busy.saturating_sub(1);
        }
    }
}
