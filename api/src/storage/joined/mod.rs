//! Reads that many ask for at the same moment are made together: two of a kind are under way at once, and whoever asks
//! for the same kind meanwhile is answered by the next one.
//!
//! So when payments have changed, and all dashboards look, the database is asked a few times and not once for each of them.
//! The price: the third of a kind waits for one read before its own. Whoever asks alone, or for another kind, waits for
//! nobody. No clock runs, nothing is kept, and no read began before all who are answered by it had asked: everybody sees
//! what was stored by then.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    hash::Hash,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use futures_util::FutureExt;
use sea_orm::DbErr;
use tokio::sync::{Semaphore, watch};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::StorageError;
use crate::panics;

/// How many reads of one kind are under way at once.
const SIDE_BY_SIDE: usize = 2;

/// Reads of kinds `K`, each for any number of things `T`.
pub(super) struct Joined<K, T, V>(Arc<Mutex<Kinds<K, T, V>>>);

type Kinds<K, T, V> = HashMap<Arc<K>, Kind<T, V>>;

/// The reads of one kind.
struct Kind<T, V> {
    turns: Arc<Semaphore>,
    /// How many wait for any of them.
    waiting: usize,
    /// The one that has not begun.
    next: Option<Next<T, V>>,
}

struct Next<T, V> {
    reading: Weak<Reading<V>>,
    things: Things<T>,
}

/// What a read is for: the read's own, so that one that nobody waits for any more cannot take another's.
type Things<T> = Arc<Mutex<Vec<T>>>;

/// A read, which goes on for as long as anybody holds this. In a task of its own: whoever waits may not be polled any more,
/// as a stream whose client does not read, while others wait for the same.
struct Reading<V> {
    told: watch::Receiver<Option<Result<V, StorageError>>>,
    _task: AbortOnDropHandle<()>,
}

/// Takes one who waited off the count.
struct Waiting<'a, K: Eq + Hash, T, V> {
    joined: &'a Joined<K, T, V>,
    kind: Arc<K>,
}

impl<K, T, V> Default for Joined<K, T, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, T, V> Clone for Joined<K, T, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, T, V> std::fmt::Debug for Joined<K, T, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joined").finish_non_exhaustive()
    }
}

impl<K, T, V> Joined<K, T, V>
where
    K: Eq + Hash + Send + Sync + 'static,
    T: Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// What is read for this thing, and for those of others of the same kind: `read` takes all of them, and must do the
    /// same for everybody who names this kind. A failure is everybody's.
    pub(super) async fn read<R>(
        &self,
        kind: K,
        thing: T,
        read: impl FnOnce(Arc<K>, Vec<T>) -> R + Send + 'static,
    ) -> Result<V, StorageError>
    where
        R: Future<Output = Result<V, StorageError>> + Send,
    {
        let waiting = Waiting {
            joined: self,
            kind: Arc::new(kind),
        };
        let reading = self.join(&waiting.kind, thing, read);
        reading.outcome().await
    }

    /// Joins the next read of a kind.
    fn join<R>(
        &self,
        kind: &Arc<K>,
        thing: T,
        read: impl FnOnce(Arc<K>, Vec<T>) -> R + Send + 'static,
    ) -> Arc<Reading<V>>
    where
        R: Future<Output = Result<V, StorageError>> + Send,
    {
        let mut kinds = self.lock();
        let found = kinds.entry(Arc::clone(kind)).or_insert_with(Kind::new);
        found.waiting += 1;
        if let Some(next) = &found.next
            // Where all who waited for it have gone, it has too.
            && let Some(reading) = next.reading.upgrade()
        {
            lock(&next.things).push(thing);
            return reading;
        }
        let things = Arc::new(Mutex::new(vec![thing]));
        let (joined, turns) = (self.clone(), Arc::clone(&found.turns));
        let (kind, own) = (Arc::clone(kind), Arc::clone(&things));
        let (tell, told) = watch::channel(None);
        let task = async move {
            // Nobody closes it.
            let _turn = turns.acquire().await;
            let things = joined.begin(&kind, &own);
            let reading = AssertUnwindSafe(async { read(kind, things).await });
            let outcome = reading.catch_unwind().await;
            tell.send_replace(Some(outcome.unwrap_or_else(|panic| {
                tracing::error!(panic = panics::text(&*panic), "a read panicked");
                Err(DbErr::Custom("a read panicked".to_owned()).into())
            })));
        };
        // In the span of whoever asked first.
        let reading = Arc::new(Reading {
            told,
            _task: AbortOnDropHandle::new(tokio::spawn(task.in_current_span())),
        });
        found.next = Some(Next {
            reading: Arc::downgrade(&reading),
            things,
        });
        reading
    }

    /// Begins a read: what it is for. Whoever comes from now on joins another.
    fn begin(&self, kind: &Arc<K>, things: &Things<T>) -> Vec<T> {
        let mut kinds = self.lock();
        if let Some(found) = kinds.get_mut(kind) {
            found.next.take_if(|next| Arc::ptr_eq(&next.things, things));
        }
        std::mem::take(&mut lock(things))
    }
}

impl<K: Eq + Hash, T, V> Joined<K, T, V> {
    fn lock(&self) -> MutexGuard<'_, Kinds<K, T, V>> {
        lock(&self.0)
    }
}

impl<T, V> Kind<T, V> {
    fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(SIDE_BY_SIDE)),
            waiting: 0,
            next: None,
        }
    }
}

impl<V: Clone> Reading<V> {
    async fn outcome(&self) -> Result<V, StorageError> {
        let mut told = self.told.clone();
        let outcome = told.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        // Nothing else ends the task while somebody waits.
        outcome.unwrap_or_else(|| Err(DbErr::Custom("the process ends".to_owned()).into()))
    }
}

impl<K: Eq + Hash, T, V> Drop for Waiting<'_, K, T, V> {
    fn drop(&mut self) {
        let mut kinds = self.joined.lock();
        if let Some(found) = kinds.get_mut(&self.kind) {
            found.waiting -= 1;
            if found.waiting == 0 {
                kinds.remove(&self.kind);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
