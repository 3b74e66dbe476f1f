//! How the process ends: softly at the first signal, at once at the second.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long tasks may take to notice that there is no more grace.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// The two stages of the end, and the tasks that it waits for.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    /// Take no new work, and end what is under way.
    pub soft: CancellationToken,
    /// Drop everything.
    pub hard: CancellationToken,
    /// The tasks that the end waits for.
    pub tracker: TaskTracker,
}

impl Lifecycle {
    /// A process that goes on until it is told otherwise.
    #[must_use]
    pub fn new() -> Self {
        let hard = CancellationToken::new();
        Self {
            // A child, so that whoever listens to soft only ends at the hard stage too.
            soft: hard.child_token(),
            hard,
            tracker: TaskTracker::new(),
        }
    }

    /// From here on the first SIGTERM or SIGINT ends softly, and the second at once.
    pub fn listen_for_signals(&self) -> io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let Self { soft, hard, .. } = self.clone();
        tokio::spawn(async move {
            either(&mut terminate, &mut interrupt).await;
            tracing::info!("shutting down; a second signal does not wait for open work");
            soft.cancel();
            either(&mut terminate, &mut interrupt).await;
            tracing::warn!("shutting down at once");
            hard.cancel();
        });
        Ok(())
    }

    /// Ends softly, and hard after the grace; tells whether every task ended before that.
    pub async fn finish(self, grace: Duration) -> bool {
        self.soft.cancel();
        self.tracker.close();
        let ended = tokio::select! {
            () = self.tracker.wait() => true,
            () = self.hard.cancelled() => false,
            () = tokio::time::sleep(grace) => false,
        };
        self.hard.cancel();
        if !ended {
            let left = timeout(LAST_MOMENT, self.tracker.wait()).await.is_err();
            tracing::warn!(dropped = left, "not all work ended in time");
        }
        ended
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::{process::Command, time::Instant};

    use super::*;

    const GRACE: Duration = Duration::from_secs(20);

    #[tokio::test(start_paused = true)]
    async fn work_that_ends_in_time_is_waited_for() {
        let lifecycle = Lifecycle::new();
        let soft = lifecycle.soft.clone();
        lifecycle.tracker.spawn(async move {
            soft.cancelled().await;
            tokio::time::sleep(GRACE / 2).await;
        });
        let start = Instant::now();

        assert!(lifecycle.finish(GRACE).await);

        assert_eq!(start.elapsed(), GRACE / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_does_not_end_is_dropped_after_the_grace() {
        let lifecycle = Lifecycle::new();
        let hard = lifecycle.hard.clone();
        lifecycle
            .tracker
            .spawn(async move { hard.cancelled().await });
        let start = Instant::now();

        assert!(!lifecycle.finish(GRACE).await);

        assert_eq!(start.elapsed(), GRACE);
    }

    #[tokio::test(start_paused = true)]
    async fn the_hard_stage_does_not_wait_and_ends_the_soft_one() {
        let lifecycle = Lifecycle::new();
        lifecycle.tracker.spawn(std::future::pending::<()>());
        lifecycle.hard.cancel();
        assert!(lifecycle.soft.is_cancelled());
        let start = Instant::now();

        assert!(!lifecycle.finish(GRACE).await);

        assert_eq!(start.elapsed(), LAST_MOMENT);
    }

    #[tokio::test]
    async fn the_first_signal_is_soft_and_the_second_hard() {
        let lifecycle = Lifecycle::new();
        lifecycle.listen_for_signals().unwrap();

        send("-TERM").await;
        lifecycle.soft.cancelled().await;
        assert!(!lifecycle.hard.is_cancelled());

        send("-INT").await;
        lifecycle.hard.cancelled().await;
    }

    async fn send(signal: &str) {
        let ourselves = std::process::id().to_string();
        let sent = Command::new("kill")
            .args([signal, &ourselves])
            .status()
            .await;
        assert!(sent.unwrap().success());
    }
}
