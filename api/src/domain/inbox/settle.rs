//! Writing what events bring together with what becomes of them.

use super::{fetch::failed, subject::Subject};
use crate::{
    domain::Gateway,
    ids::{ConnectionId, InboxEventId, PaymentId, WorkspaceId},
    storage::{ConnectionRow, EventOutcome, PageRows, Settled, StorageError, TaskRow},
};

/// The events of an object, with the rows that they bring.
pub(super) struct Written {
    ids: Vec<InboxEventId>,
    attempts: i32,
    rows: PageRows,
}

impl Written {
    pub(super) fn new(subject: &Subject<'_>, rows: PageRows) -> Self {
        Self {
            ids: subject.ids(),
            attempts: subject.attempts(),
            rows,
        }
    }
}

impl Gateway {
    /// Writes rows and settles their events, all in one transaction. Where the database does not take them, each object
    /// is tried alone, so that one that cannot be stored does not keep the others out.
    pub(super) async fn settle_written(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        written: Vec<Written>,
        mut settled: Vec<Settled>,
    ) -> Result<(), StorageError> {
        let mut rows = PageRows::default();
        let mut ids = Vec::new();
        for one in &written {
            rows.extend(one.rows.clone());
            ids.extend(one.ids.iter().copied());
        }
        let mut payments = rows.changed_payments();
        settled.push((ids, EventOutcome::Applied));
        match self.settle_rows(task, rows, settled).await {
            Err(StorageError::Database(error)) if !written.is_empty() => {
                let error = StorageError::Database(error);
                if error.is_unavailable() {
                    return Err(error);
                }
                tracing::warn!(%error, "a batch of events was not stored; trying each alone");
                payments.extend(self.settle_alone(task, written).await?);
            }
            done => payments.extend(done?),
        }
        let workspace = WorkspaceId(connection.workspace_id);
        self.payments_changed(workspace, ConnectionId(connection.id), &payments);
        Ok(())
    }

    async fn settle_alone(
        &self,
        task: &TaskRow,
        written: Vec<Written>,
    ) -> Result<Vec<PaymentId>, StorageError> {
        let mut filled = Vec::new();
        for one in written {
            let applied = vec![(one.ids.clone(), EventOutcome::Applied)];
            match self.settle_rows(task, one.rows, applied).await {
                Err(StorageError::Database(cause)) => {
                    let error = StorageError::Database(cause);
                    if error.is_unavailable() {
                        return Err(error);
                    }
                    tracing::error!(%error, "an object cannot be stored");
                    let now = self.clock().now();
                    let outcome = failed(one.attempts, now, "the object cannot be stored");
                    self.settle_rows(task, PageRows::default(), vec![(one.ids, outcome)])
                        .await?;
                }
                done => filled.extend(done?),
            }
        }
        Ok(filled)
    }

    pub(super) async fn settle_rows(
        &self,
        task: &TaskRow,
        rows: PageRows,
        settled: Vec<Settled>,
    ) -> Result<Vec<PaymentId>, StorageError> {
        for (ids, outcome) in &settled {
            metrics::counter!("inlet_inbox_events_total", "outcome" => name(outcome))
                .increment(ids.len() as u64);
        }
        let now = self.clock().now();
        self.store().settle_events(task, rows, settled, now).await
    }
}

fn name(outcome: &EventOutcome) -> &'static str {
    match outcome {
        EventOutcome::Applied => "applied",
        EventOutcome::Ignored(_) => "ignored",
        EventOutcome::Later { .. } => "put_off",
        EventOutcome::Dead(_) => "dead",
    }
}
