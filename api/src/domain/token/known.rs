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

/// Tokens by the hash of their secret, each with the time from before it was read.
pub(in crate::domain) struct KnownTokens(Mutex<LruCache<String, (DateTime<Utc>, TokenRow)>>);

impl Default for KnownTokens {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl KnownTokens {
    /// The token of a hash, where it was read within the last moment.
    pub(super) fn find(&self, hash: &str, now: DateTime<Utc>) -> Option<TokenRow> {
        let mut all = self.lock();
        let (read_at, token) = all.get(hash)?;
        let age = now - read_at;
        // A clock that was set back tells nothing.
        (TimeDelta::zero()..MOMENT)
            .contains(&age)
            .then(|| token.clone())
    }

    /// Remembers a token, with a time from before it was read.
    pub(super) fn keep(&self, token: &TokenRow, read_at: DateTime<Utc>) {
        let hash = token.secret_hash.clone();
        self.lock().put(hash, (read_at, token.clone()));
    }

    /// Forgets a token that was revoked.
    pub(super) fn forget(&self, id: TokenId) {
        let mut all = self.lock();
        let known = all.iter().find(|(_, (_, token))| token.id == id.0);
        if let Some(hash) = known.map(|(hash, _)| hash.clone()) {
            all.pop(&hash);
        }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<String, (DateTime<Utc>, TokenRow)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
