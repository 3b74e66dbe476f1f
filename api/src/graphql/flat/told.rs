//! What many subscribers are told at once: who asks in the same words is told the same text, written once.

use std::{
    any::Any,
    hash::{BuildHasher, RandomState},
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::Request;
use bytes::Bytes;
use lru::LruCache;

/// The texts that a process remembers at most: of a few imports' latest states, each in the words of a few clients.
const MOST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// What was told of, held so that nothing else comes to stand in its place, and the text.
type Remembered = (Arc<dyn Any + Send + Sync>, Bytes);

/// The texts that were told lately.
pub(in crate::graphql) struct Told {
    /// By the place of what they tell of, and the words in which that was asked for.
    texts: Mutex<LruCache<(usize, u64), Remembered>>,
    hasher: RandomState,
}

/// The words of an operation that tells of one thing at a time, in the data of its request.
#[derive(Clone)]
pub(in crate::graphql) struct Wording {
    told: Arc<Told>,
    words: u64,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            texts: Mutex::new(LruCache::new(MOST)),
            hasher: RandomState::new(),
        }
    }
}

impl Wording {
    /// The words of this operation; the same for everyone who sends it with the same variables.
    pub(in crate::graphql) fn of(told: &Arc<Told>, request: &Request) -> Self {
        let variables = serde_json::to_string(&request.variables).ok();
        let words = (&request.query, &request.operation_name, variables);
        Self {
            words: told.hasher.hash_one(words),
            told: Arc::clone(told),
        }
    }

    /// The text that was told of this, in these words.
    pub(super) fn find(&self, of: &Arc<dyn Any + Send + Sync>) -> Option<Bytes> {
        let mut texts = self.told.lock();
        let (_, text) = texts.get(&self.key(of))?;
        Some(text.clone())
    }

    /// Keeps a text for those who are told the same.
    pub(super) fn keep(&self, of: Arc<dyn Any + Send + Sync>, text: Bytes) {
        let key = self.key(&of);
        self.told.lock().put(key, (of, text));
    }

    fn key(&self, of: &Arc<dyn Any + Send + Sync>) -> (usize, u64) {
        (Arc::as_ptr(of).cast::<()>().addr(), self.words)
    }
}

impl Told {
    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<(usize, u64), Remembered>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Variables, value};

    use super::*;

    #[test]
    fn the_same_is_told_in_the_same_words_alone() {
        let told = Arc::default();
        let wording = |query: &str, id: &str| {
            let variables = Variables::from_value(value!({ "id": id }));
            Wording::of(&told, &Request::new(query).variables(variables))
        };
        let (this, other): (Arc<dyn Any + Send + Sync>, Arc<dyn Any + Send + Sync>) =
            (Arc::new(1), Arc::new(1));

        wording("a", "x").keep(Arc::clone(&this), Bytes::from("told"));

        assert_eq!(wording("a", "x").find(&this), Some(Bytes::from("told")));
        assert_eq!(wording("a", "x").find(&other), None);
        assert_eq!(wording("a", "y").find(&this), None);
        assert_eq!(wording("b", "x").find(&this), None);
    }
}
