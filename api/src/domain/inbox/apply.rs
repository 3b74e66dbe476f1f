//! Applying events: what their bodies say at once, and what they leave open by fetching.

use chrono::TimeDelta;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{
    fetch::{Closed, Fetcher, Open, Unfinished},
    kinds::note_row,
    plan::{Step, Stored, charge_of, ledger_entries},
    settle::Written,
    subject::{Subject, Subjects},
};
use crate::{
    domain::{Gateway, connection::UsedCredential, import::Resource},
    ids::{BalanceTransactionId, ConnectionId, PaymentId, WorkspaceId},
    storage::{
        ConnectionRow, ConnectionStatus, ConnectionStatusReason, EventOutcome, InboxEventRow,
        ObservedIds, PageRows, StorageError, TaskRow,
    },
    stripe::{StripeError, Urgency},
};

/// Objects that are fetched side by side, within the connection's pace.
const SIDE_BY_SIDE: usize = 8;

/// How long events wait that only the account's owner can help.
const OWNERS_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// How long events wait for credentials that were renewed, or are being renewed.
const RENEWAL_PAUSE: TimeDelta = TimeDelta::seconds(1);

/// How long events wait while Stripe cannot be reached.
const AWAY_PAUSE: TimeDelta = TimeDelta::seconds(10);

/// The same where Stripe says that trying again is no use.
const UNHURRIED_PAUSE: TimeDelta = TimeDelta::minutes(1);

impl Gateway {
    /// Applies a batch of a connection's events; what is to be fetched, until the end of the turn. The caller holds the task, so that
    /// nobody else applies events of the same objects.
    pub async fn apply_events(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        events: &[InboxEventRow],
        until: Instant,
    ) -> Result<(), StorageError> {
        let subjects = Subjects::of(events);
        if connection.status == ConnectionStatus::Disconnected {
            let all = events.iter().map(|event| event.id.into()).collect();
            let outcome = EventOutcome::Ignored("the connection is disconnected");
            return self
                .settle_rows(task, PageRows::default(), vec![(all, outcome)])
                .await
                .map(drop);
        }
        let stored = self.stored(connection, &subjects.known).await?;
        let mut written = Vec::new();
        let mut open = Vec::new();
        for subject in &subjects.known {
            match stored.step(subject) {
                Step::Write(rows) => written.push(Written::new(subject, *rows)),
                Step::Fetch(rows) => open.push(Open { subject, rows }),
            }
        }
        let foreign = EventOutcome::Ignored("nothing is kept of this kind of object");
        self.settle_written(connection, task, written, vec![(subjects.foreign, foreign)])
            .await?;
        self.apply_open(connection, task, open, until).await?;
        self.apply_deauthorized(connection, task, &subjects.deauthorized)
            .await
    }

    /// What is stored of the objects of a batch, and of the ledger entries that their bodies name.
    async fn stored(
        &self,
        connection: &ConnectionRow,
        subjects: &[Subject<'_>],
    ) -> Result<Stored, StorageError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let mut ids = ObservedIds::default();
        for subject in subjects {
            note_row(id, subject, &mut ids);
            if let Some(body) = subject.body() {
                if subject.touches_payment()
                    && let Some(charge) = charge_of(&body)
                {
                    ids.payments.push(PaymentId::of(id, &charge).0);
                }
                let entries = ledger_entries(subject.resource, &body);
                let rows = entries
                    .iter()
                    .map(|entry| BalanceTransactionId::of(id, entry).0);
                ids.balance_transactions.extend(rows);
            }
        }
        Ok(Stored {
            workspace,
            connection: id,
            at: self.store().find_observed(workspace, &ids).await?,
            ledger: Resource::ledger_granted(connection),
        })
    }

    /// Fetches what is open, a few at a time, and settles each few.
    async fn apply_open(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        mut open: Vec<Open<'_>>,
        until: Instant,
    ) -> Result<(), StorageError> {
        if open.is_empty() {
            return Ok(());
        }
        if has_bad_credentials(connection) {
            return self
                .put_off(task, &open, OWNERS_PAUSE, "Stripe refuses the credentials")
                .await;
        }
        let credential = match self.fresh_credential(connection).await {
            Ok(credential) => credential,
            Err(error) => {
                tracing::warn!(connection.id = %connection.id, %error, "events wait: the credentials cannot be used");
                let pause = if error.is_passing() {
                    AWAY_PAUSE
                } else {
                    let workspace = WorkspaceId(connection.workspace_id);
                    let id = ConnectionId(connection.id);
                    self.note_unusable(workspace, id, &error).await?;
                    OWNERS_PAUSE
                };
                return self
                    .put_off(task, &open, pause, "the credentials cannot be used")
                    .await;
            }
        };
        let fetcher = Fetcher {
            gateway: self,
            connection,
            credential: credential.waiting(Urgency::Soon),
        };
        // What is still open at the end of the turn is due, and comes first in the next one.
        while !open.is_empty() && Instant::now() < until {
            let few: Vec<_> = open.drain(..SIDE_BY_SIDE.min(open.len())).collect();
            let closed = join_all(few.iter().map(|open| fetcher.close(open))).await;
            let (mut written, mut settled, mut left) = (Vec::new(), Vec::new(), Vec::new());
            let mut away = None;
            for (open, closed) in few.into_iter().zip(closed) {
                match closed {
                    Ok(Closed::Written(rows)) => written.push(Written::new(open.subject, rows)),
                    Ok(Closed::Settled(outcome)) => settled.push((open.subject.ids(), outcome)),
                    Err(Unfinished::Away(error)) => {
                        left.push(open);
                        away = Some(error);
                    }
                    Err(Unfinished::Storage(error)) => return Err(error),
                }
            }
            self.settle_written(connection, task, written, settled)
                .await?;
            if let Some(error) = away {
                left.append(&mut open);
                return self.stripe_is_away(connection, task, &left, &error).await;
            }
        }
        Ok(())
    }

    /// Stripe cannot be asked: whatever is still open waits, and where only the account's owner can help, the connection
    /// says so.
    async fn stripe_is_away(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        left: &[Open<'_>],
        error: &StripeError,
    ) -> Result<(), StorageError> {
        tracing::info!(
            connection.id = %connection.id,
            stripe.request_id = error.request_id,
            "events wait: {error}"
        );
        if error.ends_connection() {
            let workspace = WorkspaceId(connection.workspace_id);
            let used = UsedCredential::of(connection);
            let lasting = self
                .note_refusal(workspace, ConnectionId(connection.id), &used, error)
                .await?;
            let (pause, reason) = if lasting {
                (OWNERS_PAUSE, "Stripe refuses the credentials")
            } else {
                (RENEWAL_PAUSE, "the credentials were renewed meanwhile")
            };
            return self.put_off(task, left, pause, reason).await;
        }
        let asked = TimeDelta::from_std(error.retry_after().unwrap_or_default());
        let own = if error.should_retry() {
            AWAY_PAUSE
        } else {
            UNHURRIED_PAUSE
        };
        let pause = own.max(asked.unwrap_or(own));
        let reason = "Stripe cannot be reached or limits the rate";
        self.put_off(task, left, pause, reason).await
    }

    async fn put_off(
        &self,
        task: &TaskRow,
        left: &[Open<'_>],
        pause: TimeDelta,
        reason: &'static str,
    ) -> Result<(), StorageError> {
        let outcome = EventOutcome::Later {
            run_at: self.clock().now() + pause,
            failed: false,
            reason,
        };
        let ids = left.iter().flat_map(|open| open.subject.ids()).collect();
        self.settle_rows(task, PageRows::default(), vec![(ids, outcome)])
            .await
            .map(drop)
    }
}

/// Whether Stripe refuses the credentials by the last that is known: the looks at webhook and events ask often enough.
fn has_bad_credentials(connection: &ConnectionRow) -> bool {
    matches!(
        connection.status_reason,
        Some(
            ConnectionStatusReason::CredentialsInvalid | ConnectionStatusReason::CredentialsExpired
        )
    )
}
