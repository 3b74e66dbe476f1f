//! Applying events: what their bodies say at once, and what they leave open by fetching.

use chrono::TimeDelta;
use futures_util::future::join_all;

use super::{
    fetch::{Closed, Fetcher, Open},
    kinds::note_row,
    plan::{Step, Stored, ledger_entries},
    settle::Written,
    subject::{Subject, Subjects},
};
use crate::{
    domain::{Gateway, connection::UsedCredential, import::Resource},
    ids::{BalanceTransactionId, ConnectionId, WorkspaceId},
    storage::{
        ConnectionRow, ConnectionStatus, EventOutcome, InboxEventRow, ObservedIds, PageRows,
        StorageError, TaskRow,
    },
    stripe::StripeError,
};

/// Objects that are fetched side by side, within the connection's pace.
const SIDE_BY_SIDE: usize = 8;

/// How long events wait that only the account's owner can help.
const OWNERS_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// How long events wait while Stripe cannot be reached.
pub(super) const AWAY_PAUSE: TimeDelta = TimeDelta::seconds(10);

impl Gateway {
    /// Applies a batch of a connection's events, all of them or those that could be. The caller holds the task, so that
    /// nobody else applies events of the same objects.
    pub async fn apply_events(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        events: &[InboxEventRow],
    ) -> Result<(), StorageError> {
        let subjects = Subjects::of(events);
        if connection.status == ConnectionStatus::Disconnected {
            let all = events.iter().map(|event| event.id.into()).collect();
            let outcome = EventOutcome::Ignored("the connection is disconnected");
            return self
                .settle_rows(task, PageRows::default(), vec![(all, outcome)])
                .await;
        }
        let stored = self.stored(connection, &subjects.known).await?;
        let mut written = Vec::new();
        let mut open = Vec::new();
        for subject in &subjects.known {
            match stored.step(subject) {
                Step::Nothing => written.push(Written::nothing(subject)),
                Step::Write(rows) if !subject.touches_payment() => {
                    written.push(Written::new(subject, *rows));
                }
                Step::Write(rows) => open.push(Open {
                    subject,
                    rows: Some(rows),
                }),
                Step::Fetch => open.push(Open {
                    subject,
                    rows: None,
                }),
            }
        }
        let foreign = EventOutcome::Ignored("nothing is kept of this kind of object");
        self.settle_written(connection, task, written, vec![(subjects.foreign, foreign)])
            .await?;
        self.apply_open(connection, task, open).await?;
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
            at: self.store().find_observed(workspace, &ids).await?.at,
            ledger: Resource::ledger_granted(connection),
        })
    }

    /// Fetches what is open, a few at a time, and settles each few.
    async fn apply_open(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        mut open: Vec<Open<'_>>,
    ) -> Result<(), StorageError> {
        if open.is_empty() {
            return Ok(());
        }
        let credential = match self.fresh_credential(connection).await {
            Ok(credential) => credential,
            Err(error) => {
                tracing::warn!(connection.id = %connection.id, %error, "events wait: the credentials cannot be used");
                let outcome = EventOutcome::Later {
                    run_at: self.clock().now() + OWNERS_PAUSE,
                    failed: false,
                    reason: "the credentials cannot be used",
                };
                let ids = open.iter().flat_map(|open| open.subject.ids()).collect();
                return self
                    .settle_rows(task, PageRows::default(), vec![(ids, outcome)])
                    .await;
            }
        };
        let fetcher = Fetcher {
            gateway: self,
            connection,
            credential,
            pace: self.pace(connection),
        };
        while !open.is_empty() {
            let few: Vec<_> = open.drain(..SIDE_BY_SIDE.min(open.len())).collect();
            let closing = few.iter().map(|open| fetcher.close(open));
            let (mut written, mut settled, mut left) = (Vec::new(), Vec::new(), Vec::new());
            let mut away = None;
            for (open, closed) in few.iter().zip(join_all(closing).await) {
                match closed {
                    Ok(Closed::Written(rows)) => written.push(Written::new(open.subject, rows)),
                    Ok(Closed::Settled(outcome)) => settled.push((open.subject.ids(), outcome)),
                    Err(error) => {
                        left.push(open.subject);
                        away = Some(error);
                    }
                }
            }
            self.settle_written(connection, task, written, settled)
                .await?;
            if let Some(error) = away {
                left.extend(open.iter().map(|open| open.subject));
                return self.put_off(connection, task, &left, &error).await;
            }
        }
        Ok(())
    }

    /// Stripe cannot be asked: whatever is still open waits, and where only the account's owner can help, the connection
    /// says so.
    async fn put_off(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        left: &[&Subject<'_>],
        error: &StripeError,
    ) -> Result<(), StorageError> {
        tracing::info!(
            connection.id = %connection.id,
            stripe.request_id = error.request_id,
            "events wait: {error}"
        );
        let (pause, reason) = if error.ends_connection() {
            let workspace = WorkspaceId(connection.workspace_id);
            let used = UsedCredential::of(connection);
            self.note_refusal(workspace, ConnectionId(connection.id), &used, error)
                .await?;
            (OWNERS_PAUSE, "Stripe refuses the credentials")
        } else {
            let asked = TimeDelta::from_std(error.retry_after().unwrap_or_default());
            let asked = asked.unwrap_or(AWAY_PAUSE);
            (
                AWAY_PAUSE.max(asked),
                "Stripe cannot be reached or limits the rate",
            )
        };
        let outcome = EventOutcome::Later {
            run_at: self.clock().now() + pause,
            failed: false,
            reason,
        };
        let ids = left.iter().flat_map(|subject| subject.ids()).collect();
        self.settle_rows(task, PageRows::default(), vec![(ids, outcome)])
            .await
    }
}
