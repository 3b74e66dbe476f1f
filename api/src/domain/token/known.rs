//! Tokens that were looked up a moment ago: a client that asks many times a second is looked up once in it.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use lru::LruCache;

use crate::{ids::TokenId, storage::TokenRow};

/// For how long a token that is revoked elsewhere may still be taken for good here.
const MOMENT: TimeDelta = TimeDelta::seconds(1);

/// The tokens that a process remembers at most.
const MOST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// Tokens that a process remembers.
#[derive(Default)]
pub(in crate::domain) struct KnownTokens(Mutex<Known>);

struct Known {
    /// By the hash of their secret, each with the time from before it was read.
    tokens: LruCache<String, (DateTime<Utc>, TokenRow)>,
    /// How many were forgotten.
    forgotten: u64,
}

/// A moment before a token is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    at: DateTime<Utc>,
    forgotten: u64,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            tokens: LruCache::new(MOST),
            forgotten: 0,
        }
    }
}

impl KnownTokens {
    /// The token of a hash, where it was read within the last moment.
    pub(super) fn find(&self, hash: &str, now: DateTime<Utc>) -> Option<TokenRow> {
        let mut all = self.lock();
        let (read_at, token) = all.tokens.get(hash)?;
        let age = now - read_at;
        // A clock that was set back tells nothing.
        (TimeDelta::zero()..MOMENT)
            .contains(&age)
            .then(|| token.clone())
    }

    /// The moment before a token is read.
    pub(super) fn before(&self, now: DateTime<Utc>) -> Before {
        let forgotten = self.lock().forgotten;
        Before { at: now, forgotten }
    }

    /// Remembers a token, unless one was revoked since that moment: it might be this one.
    pub(super) fn keep(&self, token: &TokenRow, before: Before) {
        let mut all = self.lock();
        if all.forgotten == before.forgotten {
            let hash = token.secret_hash.clone();
            all.tokens.put(hash, (before.at, token.clone()));
        }
    }

    /// Forgets a token that was revoked.
    pub(super) fn forget(&self, id: TokenId) {
        let mut all = self.lock();
        all.forgotten += 1;
        let mut known = all.tokens.iter();
        let known = known.find(|(_, (_, token))| token.id == id.0);
        if let Some(hash) = known.map(|(hash, _)| hash.clone()) {
            all.tokens.pop(&hash);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
