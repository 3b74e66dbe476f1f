//! Keys that are asked for at the same moment are loaded in one statement.
//!
//! Whoever asks first lets all others ask that are ready to, and then loads for all of them: a single key waits for
//! nobody, and no clock runs.

use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    hash::Hash,
    marker::PhantomData,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_graphql::dataloader::Loader;
use tokio::sync::oneshot;

use super::gathering::Gathering;
use crate::graphql::error::ApiError;

/// The most keys of one statement.
const MOST_KEYS: usize = 250;

/// What a key stands for, as it is told to one who waits.
type Found<V> = Result<Option<V>, ApiError>;

/// Those who wait, each with its key.
type Waiting<K, V> = Vec<(K, oneshot::Sender<Found<V>>)>;

/// A reader, and who waits for it to read.
pub(super) struct Batches<R> {
    reader: R,
    gathering: Gathering,
    /// Under the type of their keys; whoever came first is about to load for them.
    waiting: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
}

/// The duty of whoever came first. Where it is given up, as nobody waits for that answer any more, the others notice, and
/// one of them is the first then.
struct Turn<'a, R, K: 'static, V: 'static> {
    batches: &'a Batches<R>,
    is_over: bool,
    of: PhantomData<fn() -> (K, V)>,
}

impl<R> Batches<R> {
    /// What is executed with these must be executed by the gathering.
    pub(super) fn new(reader: R, gathering: Gathering) -> Self {
        Self {
            reader,
            gathering,
            waiting: Mutex::default(),
        }
    }

    /// What a key stands for; none where there is no such thing.
    pub(super) async fn find<K>(&self, key: K) -> Found<R::Value>
    where
        K: Copy + Eq + Hash + Send + Sync + 'static,
        R: Loader<K, Error = ApiError>,
    {
        loop {
            let (tell, told) = oneshot::channel();
            if let Some(turn) = self.wait(key, tell) {
                self.gathering.next().await;
                self.load(turn.end()).await;
            }
            if let Ok(found) = told.await {
                return found;
            }
        }
    }

    /// Waits with a key; the first one gets the turn to load.
    fn wait<K: Send + 'static, V: Send + 'static>(
        &self,
        key: K,
        tell: oneshot::Sender<Found<V>>,
    ) -> Option<Turn<'_, R, K, V>> {
        let mut all = self.lock();
        let mut is_first = false;
        let waiting = all.entry(TypeId::of::<K>()).or_insert_with(|| {
            is_first = true;
            Box::new(Waiting::<K, V>::new())
        });
        if let Some(waiting) = waiting.downcast_mut::<Waiting<K, V>>() {
            waiting.push((key, tell));
        }
        // Made for the first one alone: where a turn is dropped, all who wait are sent away.
        is_first.then(|| Turn {
            batches: self,
            is_over: false,
            of: PhantomData,
        })
    }

    async fn load<K>(&self, waiting: Waiting<K, R::Value>)
    where
        K: Copy + Eq + Hash + Send + Sync + 'static,
        R: Loader<K, Error = ApiError>,
    {
        let mut known = HashSet::new();
        let mut keys: Vec<K> = waiting.iter().map(|(key, _)| *key).collect();
        keys.retain(|key| known.insert(*key));
        let mut all = HashMap::with_capacity(keys.len());
        let mut failed = None;
        for keys in keys.chunks(MOST_KEYS) {
            match self.reader.load(keys).await {
                Ok(more) => all.extend(more),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        for (key, tell) in waiting {
            let found = match &failed {
                Some(error) => Err(error.clone()),
                None => Ok(all.get(&key).cloned()),
            };
            // Who has gone needs no answer.
            let _ = tell.send(found);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TypeId, Box<dyn Any + Send>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R, K: 'static, V: 'static> Turn<'_, R, K, V> {
    /// All who wait; whoever comes from now on is the first of others.
    fn end(mut self) -> Waiting<K, V> {
        self.is_over = true;
        self.take()
    }

    fn take(&self) -> Waiting<K, V> {
        let waiting = self.batches.lock().remove(&TypeId::of::<K>());
        let waiting = waiting.and_then(|waiting| waiting.downcast::<Waiting<K, V>>().ok());
        waiting.map(|waiting| *waiting).unwrap_or_default()
    }
}

impl<R, K: 'static, V: 'static> Drop for Turn<'_, R, K, V> {
    fn drop(&mut self) {
        if !self.is_over {
            drop(self.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::{FutureExt, future::join_all, poll};
    use tokio::task::yield_now;

    use super::*;

    /// Finds even numbers, and fails where it is asked for a hundred.
    #[derive(Default)]
    struct Even(AtomicUsize);

    impl Loader<u32> for Even {
        type Value = String;
        type Error = ApiError;

        async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, String>, ApiError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            yield_now().await;
            if keys.contains(&100) {
                return Err(ApiError::bad_input("a hundred"));
            }
            let even = keys.iter().filter(|key| *key % 2 == 0);
            Ok(even.map(|key| (*key, key.to_string())).collect())
        }
    }

    impl Batches<Even> {
        fn even() -> Self {
            Self::new(Even::default(), Gathering::default())
        }

        /// What is found, in an operation of its own.
        async fn found(&self, keys: impl IntoIterator<Item = u32>) -> Vec<Found<String>> {
            let finding = keys.into_iter().map(|key| self.find(key));
            self.gathering.execute(join_all(finding)).await
        }

        fn loads(&self) -> usize {
            self.reader.0.load(Ordering::Relaxed)
        }
    }

    #[tokio::test]
    async fn keys_of_one_moment_are_loaded_at_once() {
        let batches = Batches::even();

        let found = batches.found([2, 3, 2, 4]).await;

        let some = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(found, [some("2"), Ok(None), some("2"), some("4")]);
        assert_eq!(batches.loads(), 1);
        assert_eq!(batches.found([6]).await, [some("6")]);
        assert_eq!(batches.loads(), 2, "nothing is kept");
    }

    #[tokio::test]
    async fn many_keys_are_loaded_in_several_statements() {
        let batches = Batches::even();

        let found = batches.found(1_000..1_600).await;

        assert_eq!(
            found
                .iter()
                .filter(|one| matches!(one, Ok(Some(_))))
                .count(),
            300
        );
        assert_eq!(batches.loads(), 3);
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_who_wait() {
        let batches = Batches::even();

        let found = batches.found([2, 100]).await;

        assert!(found.iter().all(Result::is_err), "{found:?}");
        assert_eq!(batches.found([2]).await, [Ok(Some("2".to_owned()))]);
    }

    #[tokio::test]
    async fn whoever_waits_for_one_that_has_gone_loads_itself() {
        for steps in 1..3 {
            let batches = Batches::even();
            let mut first = batches.find(2).boxed();
            let mut second = batches.find(4).boxed();
            let waiting = async {
                for _ in 0..steps {
                    assert!(poll!(&mut first).is_pending());
                    assert!(poll!(&mut second).is_pending());
                    // The next moment.
                    batches.gathering.next().await;
                }
            };
            batches.gathering.execute(waiting.boxed()).await;

            drop(first);

            let found = batches.gathering.execute(second).await;
            assert_eq!(found, Ok(Some("4".to_owned())), "{steps}");
        }
    }
}
