//! Reads that would wait for one another are made together: while a few of a kind are under way, whoever asks for more of
//! the same kind joins the next one.
//!
//! Where many dashboards ask at one moment, as when payments have changed, the database is asked a few times and not once
//! for each of them. Whoever asks alone waits for nobody, no clock runs, nothing is kept, and no read began before all who
//! are answered by it had asked: everybody sees what was stored by then.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use tokio::{sync::Semaphore, task::JoinError};
use tokio_util::task::AbortOnDropHandle;

use sea_orm::{DbErr, RuntimeErr};

use super::StorageError;

/// How many reads of one kind are under way at once.
const SIDE_BY_SIDE: usize = 2;

/// What a read brings to whoever waits for it; where nobody does any more, it ends.
type Outcome<V> = BoxFuture<'static, Result<V, StorageError>>;

/// Reads of kinds `K`, each for any number of things `T`.
pub(super) struct Joined<K, T, V>(Arc<Mutex<HashMap<K, Kind<T, V>>>>);

/// The reads of one kind.
struct Kind<T, V> {
    turns: Arc<Semaphore>,
    /// How many wait for any of them.
    waiting: usize,
    /// The one that has not begun, and what for.
    next: Option<(WeakShared<Outcome<V>>, Vec<T>)>,
}

/// Counts one who waits, for as long as it does.
struct Waiting<'a, K: Eq + Hash, T, V> {
    joined: &'a Joined<K, T, V>,
    kind: K,
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
    K: Clone + Eq + Hash + Send + 'static,
    T: Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// What is read for this thing, and for those of others of the same kind: `read` takes all of them, and must do the
    /// same for everybody who names this kind. A failure is everybody's.
    pub(super) async fn read<R>(
        &self,
        kind: K,
        thing: T,
        read: impl FnOnce(Vec<T>) -> R + Send + 'static,
    ) -> Result<V, StorageError>
    where
        R: Future<Output = Result<V, StorageError>> + Send,
    {
        let (reading, _waiting) = self.join(kind, thing, read);
        reading.await
    }

    fn join<R>(
        &self,
        kind: K,
        thing: T,
        read: impl FnOnce(Vec<T>) -> R + Send + 'static,
    ) -> (Shared<Outcome<V>>, Waiting<'_, K, T, V>)
    where
        R: Future<Output = Result<V, StorageError>> + Send,
    {
        let waiting = Waiting {
            joined: self,
            kind: kind.clone(),
        };
        let mut kinds = self.lock();
        let found = kinds.entry(kind).or_insert_with(Kind::new);
        found.waiting += 1;
        if let Some((next, things)) = &mut found.next
            // Where all who waited for it have gone, it has too.
            && let Some(reading) = next.upgrade()
        {
            things.push(thing);
            return (reading, waiting);
        }
        let (joined, kind) = (self.clone(), waiting.kind.clone());
        let turns = Arc::clone(&found.turns);
        let reading = async move {
            // Nobody closes it.
            let _turn = turns.acquire().await;
            read(joined.begin(&kind)).await
        };
        // In a task of its own: whoever waits may stop to be looked at, as a stream does whose client does not read, and
        // others wait for the same.
        let reading = AbortOnDropHandle::new(tokio::spawn(reading));
        let reading = reading.map(ended).boxed().shared();
        found.next = reading.downgrade().map(|next| (next, vec![thing]));
        (reading, waiting)
    }

    /// Begins the next read of a kind: what it is for. Whoever comes from now on joins another.
    fn begin(&self, kind: &K) -> Vec<T> {
        let mut kinds = self.lock();
        let next = kinds.get_mut(kind).and_then(|found| found.next.take());
        next.map_or_else(Vec::new, |(_, things)| things)
    }
}

impl<K, T, V> Joined<K, T, V> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Kind<T, V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a task brought.
fn ended<V>(outcome: Result<Result<V, StorageError>, JoinError>) -> Result<V, StorageError> {
    outcome.unwrap_or_else(|end| match end.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        // Only the end of the process cancels it while somebody waits.
        Err(_) => Err(DbErr::Conn(RuntimeErr::Internal("the process ends".to_owned())).into()),
    })
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

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex as Shared,
        atomic::{AtomicUsize, Ordering},
    };

    use futures_util::future::join_all;
    use tokio::{sync::Notify, task::yield_now};

    use super::*;

    type Numbers = Joined<&'static str, u32, Vec<u32>>;

    /// A database whose reads last until they are let go.
    #[derive(Clone, Default)]
    struct Database(Arc<Reads>);

    #[derive(Default)]
    struct Reads {
        joined: Numbers,
        gate: Notify,
        /// What each read was for.
        begun: Shared<Vec<Vec<u32>>>,
        ended: AtomicUsize,
    }

    /// Tells when a read is over, however it ends.
    struct End(Database);

    impl Drop for End {
        fn drop(&mut self) {
            self.0.0.ended.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Database {
        async fn ask(&self, kind: &'static str, number: u32) -> Result<Vec<u32>, StorageError> {
            let database = self.clone();
            let read = move |numbers: Vec<u32>| async move {
                let _end = End(database.clone());
                database.0.begun.lock().unwrap().push(numbers.clone());
                database.0.gate.notified().await;
                if numbers.contains(&13) {
                    return Err(StorageError::LeaseLost);
                }
                Ok(numbers)
            };
            self.0.joined.read(kind, number, read).await
        }

        fn begun(&self) -> Vec<Vec<u32>> {
            self.0.begun.lock().unwrap().clone()
        }

        /// Lets everything happen that can; there is one thread.
        async fn settle(&self) {
            for _ in 0..10 {
                yield_now().await;
            }
        }

        fn spawn(
            &self,
            kind: &'static str,
            number: u32,
        ) -> tokio::task::JoinHandle<Result<Vec<u32>, StorageError>> {
            let database = self.clone();
            tokio::spawn(async move { database.ask(kind, number).await })
        }

        /// Those who ask, one after the other, each as far as it comes.
        async fn spawn_each<const N: usize>(
            &self,
            numbers: [u32; N],
        ) -> [tokio::task::JoinHandle<Result<Vec<u32>, StorageError>>; N] {
            let mut asking = Vec::new();
            for number in numbers {
                asking.push(self.spawn("a", number));
                self.settle().await;
            }
            asking.try_into().unwrap()
        }

        fn kinds(&self) -> usize {
            self.0.joined.lock().len()
        }
    }

    #[tokio::test]
    async fn who_would_wait_joins_the_next_read() {
        let database = Database::default();
        let asking = database.spawn_each([0, 1, 2, 3, 4, 5]).await;
        assert_eq!(database.begun(), [[0], [1]], "as many as go side by side");

        database.0.gate.notify_one();
        database.settle().await;
        let late = database.spawn("a", 6);
        database.settle().await;
        assert_eq!(database.begun()[2..], [[2, 3, 4, 5]]);

        for _ in 0..3 {
            database.0.gate.notify_one();
            database.settle().await;
        }
        let told: Vec<_> = join_all(asking).await;
        let told: Vec<_> = told
            .into_iter()
            .map(|told| told.unwrap().unwrap())
            .collect();
        assert_eq!(told[..2], [[0], [1]]);
        assert!(told[2..].iter().all(|told| *told == [2, 3, 4, 5]));
        assert_eq!(
            late.await.unwrap().unwrap(),
            [6],
            "it asked after the third began"
        );
        assert_eq!(database.kinds(), 0, "nothing is kept");
    }

    #[tokio::test]
    async fn kinds_do_not_wait_for_each_other() {
        let database = Database::default();
        let asking: Vec<_> = ["a", "b", "c", "d"]
            .map(|kind| database.spawn(kind, 1))
            .into();

        database.settle().await;

        assert_eq!(database.begun().len(), 4);
        database.0.gate.notify_waiters();
        assert!(
            join_all(asking)
                .await
                .iter()
                .all(|told| matches!(told, Ok(Ok(_))))
        );
    }

    #[tokio::test]
    async fn a_read_goes_on_until_the_last_has_gone() {
        let database = Database::default();
        let asking = database.spawn_each([0, 1, 2, 3]).await;
        asking[0].abort();
        database.settle().await;
        assert_eq!(
            database.0.ended.load(Ordering::Relaxed),
            1,
            "nobody waits for it"
        );
        assert_eq!(
            database.begun()[2..],
            [[2, 3]],
            "its turn is the next one's"
        );

        asking[2].abort();
        database.settle().await;
        assert_eq!(
            database.0.ended.load(Ordering::Relaxed),
            1,
            "another waits for it"
        );
        asking[3].abort();
        database.settle().await;
        assert_eq!(database.0.ended.load(Ordering::Relaxed), 2);
        asking[1].abort();
        database.settle().await;
        assert_eq!(database.0.ended.load(Ordering::Relaxed), 3);
        assert_eq!(database.kinds(), 0);
    }

    #[tokio::test]
    async fn who_waited_for_a_read_that_never_began_leaves_nothing() {
        let database = Database::default();
        let [zero, one, gone] = database.spawn_each([0, 1, 2]).await;
        gone.abort();
        database.settle().await;
        let next = database.spawn("a", 3);
        database.settle().await;

        for _ in 0..3 {
            database.0.gate.notify_one();
            database.settle().await;
        }

        assert_eq!(next.await.unwrap().unwrap(), [3]);
        assert!(
            join_all([zero, one])
                .await
                .iter()
                .all(|told| matches!(told, Ok(Ok(_))))
        );
    }

    #[tokio::test]
    async fn a_failure_is_everybodys_and_not_the_next_ones() {
        let database = Database::default();
        let asking = database.spawn_each([0, 1, 13, 3]).await;
        for _ in 0..3 {
            database.0.gate.notify_one();
            database.settle().await;
        }

        let told = join_all(asking).await;
        let failed: Vec<_> = told
            .iter()
            .map(|told| told.as_ref().unwrap().is_err())
            .collect();
        assert_eq!(failed, [false, false, true, true]);
        let again = database.spawn("a", 4);
        database.settle().await;
        database.0.gate.notify_one();
        assert_eq!(again.await.unwrap().unwrap(), [4]);
    }

    #[tokio::test]
    async fn a_panic_ends_the_requests_that_waited_and_no_others() {
        let joined = Numbers::default();
        let ask = |joined: &Numbers, panics: bool| {
            let joined = joined.clone();
            let read = move |numbers: Vec<u32>| async move {
                assert!(!panics, "canary");
                Ok(numbers)
            };
            tokio::spawn(async move { joined.read("a", 1, read).await })
        };

        assert!(ask(&joined, true).await.is_err());

        assert_eq!(ask(&joined, false).await.unwrap().unwrap(), [1]);
        assert_eq!(joined.lock().len(), 0);
    }
}
