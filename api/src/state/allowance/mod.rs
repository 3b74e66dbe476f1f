//! What each API token may ask for: a bucket of cost that fills up steadily, kept in this process and, where several
//! share a Redis, levelled with theirs a few times a second.
//!
//! An operation never waits for Redis: it is admitted by what this process knows. So several processes together may
//! admit more than a bucket holds, by what they spend between two levellings, and the level falls below zero until
//! that is made good.

mod bucket;
mod ledger;

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use self::{bucket::Bucket, ledger::Ledger};
use super::StateError;
use crate::ids::TokenId;

/// How often buckets are levelled with those of other processes.
const LEVELLING: Duration = Duration::from_millis(200);

/// Full buckets are forgotten whenever there are more than this.
const MANY: usize = 10_000;

/// The size of a bucket and how fast it fills up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// What a full bucket holds.
    pub limit: u64,
    /// How much comes back each second.
    pub restore_rate: u64,
}

/// The bucket holds too little; it holds enough after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token has spent what it may for now")]
pub struct Spent {
    /// When to try again.
    pub retry_after: Duration,
}

/// The buckets of all tokens.
pub struct Allowances {
    allowance: Allowance,
    buckets: Mutex<HashMap<TokenId, Bucket>>,
    ledger: Option<Ledger>,
}

impl Allowances {
    /// Buckets of this process alone.
    #[must_use]
    pub fn in_process(allowance: Allowance) -> Self {
        Self {
            allowance,
            buckets: Mutex::default(),
            ledger: None,
        }
    }

    /// Buckets that all processes on this Redis share, which need not be up yet; while it is away each process has
    /// buckets of its own.
    ///
    /// Must be called within a Tokio runtime.
    pub fn shared(allowance: Allowance, redis: &SecretString) -> Result<Self, StateError> {
        Ok(Self {
            ledger: Some(Ledger::connect(redis)?),
            ..Self::in_process(allowance)
        })
    }

    /// The rules of every bucket.
    #[must_use]
    pub fn allowance(&self) -> Allowance {
        self.allowance
    }

    /// Takes a cost out of a token's bucket, all or nothing; what is left in it.
    pub fn take(&self, token: TokenId, cost: u64, now: DateTime<Utc>) -> Result<u64, Spent> {
        self.with(token, now, |bucket| bucket.take(self.allowance, cost, now))
    }

    /// Puts back what was taken and not spent after all; what is in the bucket now.
    pub fn give_back(&self, token: TokenId, cost: u64, now: DateTime<Utc>) -> u64 {
        self.with(token, now, |bucket| {
            bucket.give_back(self.allowance, cost, now)
        })
    }

    fn with<R>(&self, token: TokenId, now: DateTime<Utc>, act: impl FnOnce(&mut Bucket) -> R) -> R {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MANY {
            buckets.retain(|_, bucket| !bucket.is_full(self.allowance, now));
        }
        let bucket = buckets.entry(token);
        act(bucket.or_insert_with(|| Bucket::full(self.allowance, now)))
    }

    /// Levels the buckets with those of other processes for as long as it is polled; at once over where there are none.
    pub async fn keep_level(&self) {
        let Some(ledger) = &self.ledger else { return };
        loop {
            tokio::time::sleep(LEVELLING).await;
            self.level(ledger).await;
        }
    }

    async fn level(&self, ledger: &Ledger) {
        let unsent: Vec<_> = {
            let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            let unsent = buckets.iter_mut();
            unsent
                .filter_map(|(token, bucket)| Some((*token, bucket.send()?)))
                .collect()
        };
        if unsent.is_empty() {
            return;
        }
        let levels = ledger.spend(self.allowance, &unsent).await;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, (token, sent)) in unsent.iter().enumerate() {
            let Some(bucket) = buckets.get_mut(token) else {
                continue;
            };
            match levels.get(place) {
                Some(level) => bucket.learn(*level),
                None => bucket.keep(*sent),
            }
        }
    }
}

impl fmt::Debug for Allowances {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Allowances")
            .field("allowance", &self.allowance)
            .finish_non_exhaustive()
    }
}
