//! What becomes of a window after a page that failed.

use std::time::Duration;

use chrono::TimeDelta;

use super::window_run::{Interruption, WindowRun};
use crate::{
    domain::{Gateway, import::Remedy},
    ids::{ConnectionId, WorkspaceId},
    storage::{ImportFailure, StorageError},
    stripe::{StripeError, StripeErrorKind},
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

/// Pauses of up to this are waited out in place; for longer ones the window is given back.
const IN_PLACE: Duration = Duration::from_secs(2);

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
        if let StripeErrorKind::RateLimited { reason, .. } = &error.kind {
            self.limited(*reason);
        }
        let attempts = self.window.attempts + 1;
        tracing::info!(
            stripe.request_id = error.request_id,
            stripe.status = error.status,
            attempts,
            "a page failed: {error}"
        );
        match Remedy::of(&error, attempts) {
            Remedy::Wait(trouble) => self.wait(&error, attempts, trouble).await,
            Remedy::Rewind => {
                self.gateway().store().rewind_window(&self.window).await?;
                Ok(Next::Stop)
            }
            Remedy::Skip => {
                let now = self.gateway().clock().now();
                let import = self
                    .gateway()
                    .store()
                    .skip_resource(&self.window, now)
                    .await?;
                self.engine.publisher.note(&import).await;
                Ok(Next::Stop)
            }
            Remedy::Fail(failure) => self.fail(&error, failure).await,
        }
    }

    async fn wait(
        &mut self,
        error: &StripeError,
        attempts: i32,
        trouble: &str,
    ) -> Result<Next, StorageError> {
        let gateway = self.gateway();
        let now = gateway.clock().now();
        let pause = self
            .pause(attempts)
            .max(error.retry_after().unwrap_or_default());
        let workspace = WorkspaceId(self.window.workspace_id);
        let import = Gateway::import_of(&self.window);
        gateway
            .store()
            .set_import_trouble(workspace, import, Some(trouble), now)
            .await?;
        self.engine.publisher.soon(workspace, import);
        if pause <= IN_PLACE {
            self.window.attempts = attempts;
            return Ok(Next::After(pause));
        }
        let later = now + TimeDelta::from_std(pause).unwrap_or_default();
        gateway
            .store()
            .release_window(&self.window, later, attempts)
            .await?;
        Ok(Next::Stop)
    }

    async fn fail(
        &self,
        error: &StripeError,
        failure: ImportFailure,
    ) -> Result<Next, StorageError> {
        let gateway = self.gateway();
        let workspace = WorkspaceId(self.window.workspace_id);
        let connection = ConnectionId(self.window.connection_id);
        let import = Gateway::import_of(&self.window);
        gateway.note_refusal(workspace, connection, error).await?;
        gateway
            .store()
            .fail_import(workspace, import, failure, gateway.clock().now())
            .await?;
        gateway.publish_progress(workspace, import).await;
        Ok(Next::Stop)
    }

    /// Doubling, of random length, so that windows that failed together do not come back together.
    fn pause(&self, attempts: i32) -> Duration {
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
