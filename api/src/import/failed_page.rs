//! What becomes of a window after a page that failed.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::window_run::{Interruption, WindowRun};
use crate::{
    domain::{
        Gateway,
        import::{Rechecked, Remedy, refused_list},
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{ImportFailure, StorageError},
    stripe::StripeError,
};

/// How a window goes on.
pub(super) enum Next {
    GoOn,
    After(Duration),
    Stop,
}

/// The pause after the first failure; it doubles with each one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// A list that was refused so often in a row is left out.
const REFUSALS: i32 = 3;

/// Pauses of up to this are waited out in place; for longer ones the window is given back.
pub(super) const IN_PLACE: Duration = Duration::from_secs(2);

impl WindowRun {
    /// Does what is to be done about an interruption.
    pub(super) async fn interrupted(&mut self, interruption: Interruption) -> Next {
        let done = match interruption {
            Interruption::Stripe(error) => self.refused(error).await,
            Interruption::Storage(error) => Err(error),
        };
        match done {
            Ok(next) => next,
            Err(StorageError::LeaseLost) => {
                tracing::info!("the window was given up or taken over");
                Next::Stop
            }
            Err(error) => {
                // Nothing was written; whoever claims the window after the lease goes on where it stands.
                tracing::warn!(%error, "the database failed; leaving the window to its lease");
                Next::Stop
            }
        }
    }

    async fn refused(&mut self, error: StripeError) -> Result<Next, StorageError> {
        let attempts = self.window.attempts + 1;
        tracing::info!(
            stripe.request_id = error.request_id,
            stripe.status = error.status,
            attempts,
            "a page failed: {error}"
        );
        match Remedy::of(&error, attempts, self.oauth_kind()) {
            Remedy::Wait(trouble) => self.wait(&error, attempts, trouble).await,
            Remedy::Rewind => {
                let run_at = self.later(self.pause(attempts));
                let store = self.gateway().store();
                store.rewind_window(&self.window, run_at, attempts).await?;
                Ok(Next::Stop)
            }
            Remedy::Recheck => self.recheck(attempts).await,
            Remedy::LeaveOut(_) if !self.resource.is_required() => {
                self.leave_out(&error, attempts).await
            }
            Remedy::LeaveOut(failure) | Remedy::Fail(failure) => self.fail(&error, failure).await,
        }
    }

    /// Stripe says that a permission is missing: finds out which are, and goes on with what is left.
    async fn recheck(&mut self, attempts: i32) -> Result<Next, StorageError> {
        let gateway = self.gateway();
        let connection = ConnectionId(self.window.connection_id);
        let workspace = WorkspaceId(self.window.workspace_id);
        let since = self.claimed_at();
        let standing = gateway
            .recheck_permissions(workspace, connection, self.resource, since)
            .await?;
        match standing {
            Rechecked::Granted => {
                // The list was refused, or what it expands, and now is not: tried again with what is granted now.
                let run_at = self.later(self.pause(attempts));
                gateway
                    .store()
                    .release_window(&self.window, run_at, attempts)
                    .await?;
            }
            Rechecked::LeftOut => self.skip(None).await?,
            Rechecked::RequiredMissing(failure) => self.give_up(failure).await?,
        }
        Ok(Next::Stop)
    }

    /// Stripe refuses a list that the import can do without, and did so again.
    async fn leave_out(&self, error: &StripeError, attempts: i32) -> Result<Next, StorageError> {
        if attempts < REFUSALS {
            let run_at = self.later(self.pause(attempts));
            let store = self.gateway().store();
            store.release_window(&self.window, run_at, attempts).await?;
            return Ok(Next::Stop);
        }
        self.skip(Some(refused_list(error.request_id.as_deref())))
            .await?;
        Ok(Next::Stop)
    }

    async fn skip(&self, why: Option<String>) -> Result<(), StorageError> {
        let gateway = self.gateway();
        let now = gateway.clock().now();
        let import = gateway
            .store()
            .skip_resource(&self.window, why, now)
            .await?;
        self.engine.note(&import).await
    }

    async fn wait(
        &mut self,
        error: &StripeError,
        attempts: i32,
        trouble: &str,
    ) -> Result<Next, StorageError> {
        let gateway = self.gateway();
        // Where Stripe says that trying again is no use, it is not hurried.
        let own = if error.should_retry() {
            self.pause(attempts)
        } else {
            LONGEST_PAUSE
        };
        let pause = own.max(error.retry_after().unwrap_or_default());
        self.tell(trouble).await?;
        if pause <= IN_PLACE {
            self.window.attempts = attempts;
            return Ok(Next::After(pause));
        }
        let run_at = self.later(pause);
        gateway
            .store()
            .release_window(&self.window, run_at, attempts)
            .await?;
        Ok(Next::Stop)
    }

    /// Tells what the import struggles with, until its next page.
    pub(super) async fn tell(&self, trouble: &str) -> Result<(), StorageError> {
        let gateway = self.gateway();
        let now = gateway.clock().now();
        let workspace = WorkspaceId(self.window.workspace_id);
        let import = Gateway::import_of(&self.window);
        gateway
            .store()
            .set_import_trouble(workspace, import, Some(trouble), now)
            .await?;
        self.engine.publisher.soon(workspace, import);
        Ok(())
    }

    fn later(&self, pause: Duration) -> DateTime<Utc> {
        self.gateway().clock().now() + TimeDelta::from_std(pause).unwrap_or_default()
    }

    /// A refusal that will not go away: the import ends, unless the key was replaced meanwhile.
    async fn fail(
        &self,
        error: &StripeError,
        failure: ImportFailure,
    ) -> Result<Next, StorageError> {
        let gateway = self.gateway();
        let workspace = WorkspaceId(self.window.workspace_id);
        let connection = ConnectionId(self.window.connection_id);
        let now = gateway.clock().now();
        if !gateway
            .note_refusal(workspace, connection, &self.used(), error)
            .await?
        {
            tracing::info!("the key was replaced; going on with the new one");
            gateway.store().release_window(&self.window, now, 0).await?;
            return Ok(Next::Stop);
        }
        self.give_up(failure).await?;
        Ok(Next::Stop)
    }

    async fn give_up(&self, failure: ImportFailure) -> Result<(), StorageError> {
        self.engine.fail(&self.window, failure).await
    }

    /// Doubling, of random length, so that windows that failed together do not come back together.
    pub(super) fn pause(&self, attempts: i32) -> Duration {
        let doublings = attempts.saturating_sub(1).clamp(0, 16).unsigned_abs();
        let longest = FIRST_PAUSE
            .saturating_mul(2_u32.pow(doublings))
            .min(LONGEST_PAUSE);
        let [byte] = self.gateway().ids().random::<1>();
        longest.mul_f64(0.5 + f64::from(byte) / 512.0)
    }

    fn gateway(&self) -> &Gateway {
        &self.engine.gateway
    }
}
