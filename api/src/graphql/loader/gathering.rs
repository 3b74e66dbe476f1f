//! The moment at which the fields of an operation that can ask for something have asked.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use futures_util::{FutureExt, Stream, StreamExt, stream};

/// Tells those who gather keys when their operation has gone as far as one look at it takes it. Then those have asked that
/// will, but for entries of long lists, which the library looks at little by little: a list of one length asks at once all
/// the same, as whoever asked first is looked at again last.
///
/// Whoever yields instead is put behind all other work of the process, and wakes another thread for it.
#[derive(Clone, Default)]
pub(in crate::graphql) struct Gathering(Arc<Mutex<Moments>>);

#[derive(Default)]
struct Moments {
    /// How many there were.
    count: u64,
    /// Those who wait for the next one.
    waiting: Vec<Waker>,
}

impl Gathering {
    /// Waits for the next moment.
    pub(super) async fn next(&self) {
        let mut begun = None;
        poll_fn(|cx| {
            let mut moments = self.lock();
            if moments.count > *begun.get_or_insert(moments.count) {
                return Poll::Ready(());
            }
            let mut waiting = moments.waiting.iter();
            if !waiting.any(|other| other.will_wake(cx.waker())) {
                moments.waiting.push(cx.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Executes an operation, and tells those who wait within it.
    pub(in crate::graphql) async fn execute<T>(
        &self,
        mut operation: impl Future<Output = T> + Unpin,
    ) -> T {
        poll_fn(|cx| self.poll(cx, |cx| operation.poll_unpin(cx))).await
    }

    /// The same for an operation with many answers.
    pub(in crate::graphql) fn stream<T>(
        self,
        mut answers: impl Stream<Item = T> + Unpin,
    ) -> impl Stream<Item = T> {
        stream::poll_fn(move |cx| self.poll(cx, |cx| answers.poll_next_unpin(cx)))
    }

    fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        mut go_on: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        loop {
            let gone = go_on(cx);
            if gone.is_ready() || !self.pass(cx.waker()) {
                return gone;
            }
        }
    }

    /// Lets the moment pass; false where nobody waits for it.
    fn pass(&self, own: &Waker) -> bool {
        let mut moments = self.lock();
        if moments.waiting.is_empty() {
            return false;
        }
        moments.count += 1;
        let waiting = std::mem::take(&mut moments.waiting);
        drop(moments);
        // Who waits by the operation's own waker is asked whenever the operation is; others are only when they are woken.
        let others = waiting.iter().filter(|waker| !waker.will_wake(own));
        others.for_each(Waker::wake_by_ref);
        true
    }

    fn lock(&self) -> MutexGuard<'_, Moments> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::{
        future::{join, join_all},
        stream::FuturesUnordered,
    };
    use tokio::task::yield_now;

    use super::*;

    /// Waits for a moment, and says how many had asked by then.
    async fn ask(gathering: &Gathering, asked: &AtomicUsize) -> usize {
        asked.fetch_add(1, Ordering::Relaxed);
        gathering.next().await;
        asked.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn it_comes_when_all_have_asked_however_they_are_polled() {
        let gathering = Gathering::default();
        let asked = AtomicUsize::new(0);
        let few = join_all((0..3).map(|_| ask(&gathering, &asked)));
        let many: FuturesUnordered<_> = (0..40).map(|_| ask(&gathering, &asked)).collect();

        let told = gathering
            .execute(join(few, many.collect::<Vec<_>>()).boxed())
            .await;

        assert_eq!(told, (vec![43; 3], vec![43; 40]));
    }

    #[tokio::test]
    async fn what_asks_later_has_a_moment_of_its_own() {
        let gathering = Gathering::default();
        let asked = AtomicUsize::new(0);
        let late = async {
            yield_now().await;
            ask(&gathering, &asked).await + ask(&gathering, &asked).await
        };

        let told = gathering
            .execute(join(ask(&gathering, &asked), late).boxed())
            .await;

        assert_eq!(told, (1, 2 + 3));
    }

    #[tokio::test]
    async fn each_answer_of_many_has_its_moments() {
        let gathering = Gathering::default();
        let asked = AtomicUsize::new(0);
        let answers = stream::iter(0..3).then(|_| ask(&gathering, &asked));

        let told: Vec<_> = gathering.clone().stream(answers.boxed()).collect().await;

        assert_eq!(told, [1, 2, 3]);
    }
}
