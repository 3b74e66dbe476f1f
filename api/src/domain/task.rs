//! Work that goes on to its end, whoever stops waiting for it; and work that is done one at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::OwnedMutexGuard;
use tracing::Instrument;

/// Does work that must not stop halfway: a client that hangs up does not end it.
pub(super) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    match tokio::spawn(work.in_current_span()).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The process ends, and this with it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Turns by name: who has one keeps others of the same name waiting, in this process.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// Waits for one's turn, which lasts as long as the guard.
    pub(super) async fn take(&self, name: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.retain(|_, turn| turn.strong_count() > 0);
            known.get(name).and_then(Weak::upgrade).unwrap_or_else(|| {
                let turn = Arc::default();
                known.insert(name.to_owned(), Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_turn_keeps_only_its_own_name_waiting() {
        let turns = Turns::default();
        let first = turns.take("a").await;
        let _other = turns.take("b").await;
        let second = turns.take("a");
        tokio::pin!(second);

        assert!(futures_util::poll!(second.as_mut()).is_pending());
        drop(first);
        second.await;
        assert_eq!(turns.0.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits() {
        let (told, heard) = tokio::sync::oneshot::channel();
        let (go, going) = tokio::sync::oneshot::channel::<()>();
        let work = to_the_end(async move {
            going.await.unwrap();
            told.send(()).unwrap();
        });
        let mut work = Box::pin(work);
        assert!(futures_util::poll!(work.as_mut()).is_pending());
        drop(work);

        go.send(()).unwrap();
        heard.await.unwrap();
    }
}
