//! Documents that clients have sent once and name by their hash from then on (automatic persisted queries): kept in this
//! process, and in Redis where several share one.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lru::LruCache;
use redis::{AsyncCommands, SetExpiry, SetOptions, aio::ConnectionManager};
use secrecy::SecretString;
use tokio::time::timeout;

use super::{StateError, redis::connect};

/// The documents that a process keeps at most.
const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// A longer document is not kept: it is sent whole each time.
const LONGEST: usize = 64 * 1_024;

/// How long a document is kept in Redis after it was sent.
const DAYS: u64 = 7;

/// A client that waits longer than this sends the document instead.
const ANSWER: Duration = Duration::from_millis(300);

/// What the keys of this version start with.
const PREFIX: &str = "inlet:1:document:";

/// Documents by the hexadecimal SHA-256 of their text, which whoever puts them in has checked.
pub struct Documents {
    here: Mutex<LruCache<String, Arc<str>>>,
    redis: Option<ConnectionManager>,
}

impl Documents {
    /// Documents of this process alone.
    #[must_use]
    pub fn in_process() -> Self {
        Self {
            here: Mutex::new(LruCache::new(KEPT)),
            redis: None,
        }
    }

    /// Documents that all processes on this Redis share, which need not be up yet.
    ///
    /// Must be called within a Tokio runtime.
    pub fn shared(redis: &SecretString) -> Result<Self, StateError> {
        Ok(Self {
            redis: Some(connect(redis, ANSWER)?),
            ..Self::in_process()
        })
    }

    /// The document of a hash; none where it is not known, or Redis is away.
    pub async fn find(&self, hash: &str) -> Option<Arc<str>> {
        if let Some(document) = self.here().get(hash) {
            return Some(Arc::clone(document));
        }
        let mut redis = self.redis.clone()?;
        let asked = redis.get::<_, Option<String>>(format!("{PREFIX}{hash}"));
        let found: Arc<str> = timeout(ANSWER, asked).await.ok()?.ok()??.into();
        self.here().put(hash.to_owned(), Arc::clone(&found));
        Some(found)
    }

    /// Keeps a document. One that is lost again is sent again, so a Redis that is away is no error.
    pub async fn keep(&self, hash: &str, document: &str) {
        if document.len() > LONGEST {
            return;
        }
        let known = self.here().put(hash.to_owned(), Arc::from(document));
        let Some(mut redis) = self.redis.clone().filter(|_| known.is_none()) else {
            return;
        };
        let options = SetOptions::default().with_expiration(SetExpiry::EX(DAYS * 24 * 3_600));
        let set = redis.set_options::<_, _, ()>(format!("{PREFIX}{hash}"), document, options);
        if !matches!(timeout(ANSWER, set).await, Ok(Ok(()))) {
            tracing::debug!("a persisted query is kept by this process alone");
        }
    }

    fn here(&self) -> std::sync::MutexGuard<'_, LruCache<String, Arc<str>>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Documents {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Documents").finish_non_exhaustive()
    }
}
