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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    fn token(id: u128) -> TokenRow {
        TokenRow {
            id: Uuid::from_u128(id),
            workspace_id: Uuid::nil(),
            name: "token".to_owned(),
            secret_hash: format!("hash of {id}"),
            hint: "inl".to_owned(),
            scopes: json!([]),
            created_at: at(0),
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
            replaced_by: None,
        }
    }

    #[test]
    fn a_token_is_remembered_for_a_second() {
        let known = KnownTokens::default();
        known.keep(&token(1), known.before(at(0)));

        for (millis, found) in [(0, true), (999, true), (1_000, false), (-1, false)] {
            let there = known.find("hash of 1", at(millis)).is_some();
            assert_eq!(there, found, "after {millis} ms");
        }
        assert!(known.find("hash of 2", at(0)).is_none());
    }

    #[test]
    fn one_that_is_revoked_is_forgotten_at_once_and_alone() {
        let known = KnownTokens::default();
        known.keep(&token(1), known.before(at(0)));
        known.keep(&token(2), known.before(at(0)));

        known.forget(TokenId(Uuid::from_u128(1)));

        assert!(known.find("hash of 1", at(1)).is_none());
        assert!(known.find("hash of 2", at(1)).is_some());
    }

    #[test]
    fn one_that_was_revoked_while_it_was_read_is_not_remembered() {
        let known = KnownTokens::default();
        let before = known.before(at(0));

        known.forget(TokenId(Uuid::from_u128(1)));
        known.keep(&token(1), before);

        assert!(known.find("hash of 1", at(1)).is_none());
    }
}
