//! Who waits for which read.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use tokio::{
    sync::Notify,
    task::{JoinHandle, yield_now},
};

use super::*;

type Numbers = Joined<&'static str, u32, Vec<u32>>;

/// Somebody who asks.
type Asking = JoinHandle<Result<Vec<u32>, StorageError>>;

/// A database whose reads last until they are let go.
#[derive(Clone, Default)]
struct Database(Arc<Reads>);

#[derive(Default)]
struct Reads {
    joined: Numbers,
    gate: Notify,
    /// What each read was for.
    begun: Mutex<Vec<Vec<u32>>>,
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
        let read = move |_, numbers: Vec<u32>| async move {
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

    fn spawn(&self, kind: &'static str, number: u32) -> Asking {
        let database = self.clone();
        tokio::spawn(async move { database.ask(kind, number).await })
    }

    /// Those who ask, one after the other, each as far as it comes.
    async fn spawn_each<const N: usize>(&self, numbers: [u32; N]) -> [Asking; N] {
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

async fn all_are_told(asking: impl IntoIterator<Item = Asking>) -> bool {
    let told = join_all(asking).await;
    told.iter().all(|told| matches!(told, Ok(Ok(_))))
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
    let asking = ["a", "b", "c", "d"].map(|kind| database.spawn(kind, 1));

    database.settle().await;

    assert_eq!(database.begun().len(), 4);
    database.0.gate.notify_waiters();
    assert!(all_are_told(asking).await);
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
    assert!(all_are_told([zero, one]).await);
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
async fn a_panic_fails_for_all_who_waited_and_no_others() {
    let joined = Numbers::default();
    let ask = |panics: bool| {
        let joined = joined.clone();
        let read = move |_, numbers: Vec<u32>| async move {
            assert!(!panics, "canary");
            Ok(numbers)
        };
        tokio::spawn(async move { joined.read("a", 1, read).await })
    };

    let failed = join_all([ask(true), ask(true), ask(true)]).await;

    assert!(failed.iter().all(|told| matches!(told, Ok(Err(_)))));
    assert_eq!(ask(false).await.unwrap().unwrap(), [1]);
    assert_eq!(joined.lock().len(), 0);
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_takes_nothing_of_the_next_one() {
    let joined = Numbers::default();
    let read = |_, numbers| async move { Ok(numbers) };
    let kind = Arc::new("a");
    let gone = joined.join(&kind, 1, read);
    let things = Arc::clone(&joined.lock()[&kind].next.as_ref().unwrap().things);
    drop(gone);
    let next = joined.join(&kind, 2, read);

    // Its task was about to begin when it was given up.
    assert_eq!(joined.begin(&kind, &things), [1]);

    assert_eq!(next.outcome().await.unwrap(), [2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everybody_is_read_for_whoever_else_comes_and_goes() {
    let joined = Numbers::default();
    let asking = (0..5_000).map(|number| {
        let joined = joined.clone();
        let read = |_, numbers: Vec<u32>| async move {
            for _ in 0..numbers.len() {
                yield_now().await;
            }
            Ok(numbers)
        };
        let kind = ["a", "b"][usize::from(number % 5 == 0)];
        let asking = tokio::spawn(async move { joined.read(kind, number, read).await });
        async move {
            if number % 3 == 0 {
                yield_now().await;
                asking.abort();
            }
            let told = asking.await.ok();
            told.is_none_or(|told| told.unwrap().contains(&number))
        }
    });
    let asking: Vec<_> = asking.map(tokio::spawn).collect();

    let told = join_all(asking).await;

    assert!(told.into_iter().all(|told| told.unwrap()));
    assert_eq!(joined.lock().len(), 0);
}
