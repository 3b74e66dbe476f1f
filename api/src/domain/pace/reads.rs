//! What is read of each account, as Stripe counts it (Stripe contract section 6.1): on average at most 500 reads for each
//! transaction over 30 days, and never less than 10,000 a month are allowed. Reports are outside of it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::SharedClock,
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{ReadsOfDay, StorageError},
};

/// What every account may be read in 30 days, however few payments it has.
pub const ALLOCATION_FLOOR: i64 = 10_000;

/// What may be read for each transaction, on average over 30 days.
const FOR_EACH_PAYMENT: i64 = 500;

/// Days that the allocation counts, today among them.
const DAYS: i64 = 30;

/// How long counts are kept.
const KEPT: TimeDelta = TimeDelta::days(90);

/// How often counts are stored: what was counted since then is lost when a process is killed.
const STORE: Duration = Duration::from_secs(5);

/// How often an account is looked at that is read a lot.
const LOOK: TimeDelta = TimeDelta::hours(1);

/// What was read of an account in the last 30 days, today among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripeReads {
    /// Reads in these days.
    pub total: i64,
    /// The days on which there were reads, the oldest first.
    pub per_day: Vec<(NaiveDate, i64)>,
}

/// Reads that are not stored yet.
pub(in crate::domain) struct ReadCounts {
    clock: SharedClock,
    counts: Mutex<HashMap<(WorkspaceId, ConnectionId, NaiveDate), i64>>,
    looked_at: Mutex<HashMap<ConnectionId, DateTime<Utc>>>,
}

impl ReadCounts {
    /// Nothing is counted.
    pub(in crate::domain) fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            counts: Mutex::default(),
            looked_at: Mutex::default(),
        }
    }

    /// Counts one read, now.
    pub(super) fn count(&self, workspace: WorkspaceId, connection: ConnectionId) {
        let day = self.clock.now().date_naive();
        self.add(&ReadsOfDay {
            workspace,
            connection,
            day,
            reads: 1,
        });
    }

    fn add(&self, more: &ReadsOfDay) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (more.workspace, more.connection, more.day);
        *counts.entry(key).or_default() += more.reads;
    }

    fn take(&self) -> Vec<ReadsOfDay> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let all = counts.drain();
        all.map(|((workspace, connection, day), reads)| ReadsOfDay {
            workspace,
            connection,
            day,
            reads,
        })
        .collect()
    }

    /// Whether it is time to look at an account; then it was looked at now.
    fn is_due(&self, connection: ConnectionId, now: DateTime<Utc>) -> bool {
        let mut looked_at = self
            .looked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_due = looked_at
            .get(&connection)
            .is_none_or(|at| (now - *at).abs() >= LOOK);
        if is_due {
            looked_at.insert(connection, now);
        }
        is_due
    }
}

impl Gateway {
    /// Stores what is read of accounts until it is told to stop, and then the rest.
    pub async fn keep_reads(&self, stop: CancellationToken) {
        let mut pruned_on = None;
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(STORE) => {}
            }
            let today = self.clock().now().date_naive();
            if let Err(error) = self.store_reads(pruned_on != Some(today)).await {
                tracing::warn!(%error, "what was read of accounts is not stored yet");
            }
            pruned_on = Some(today);
        }
    }

    /// Stores what was read since the last time, in one statement for all accounts.
    pub async fn store_reads(&self, prune: bool) -> Result<(), StorageError> {
        let counted = self.reads().take();
        if let Err(error) = self.store().add_stripe_reads(&counted).await {
            for more in &counted {
                self.reads().add(more);
            }
            return Err(error);
        }
        let now = self.clock().now();
        for reads in &counted {
            if self.reads().is_due(reads.connection, now) {
                self.look_at_reads(reads.workspace, reads.connection)
                    .await?;
            }
        }
        if prune {
            let before = (now - KEPT).date_naive();
            self.store().prune_stripe_reads(before).await?;
        }
        Ok(())
    }

    /// What was read of a connection's account in the last 30 days.
    pub async fn stripe_reads(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<StripeReads, StorageError> {
        let since = self.clock().now().date_naive() - TimeDelta::days(DAYS - 1);
        let store = self.store();
        let per_day = store
            .list_stripe_reads(workspace, connection, since)
            .await?;
        Ok(StripeReads {
            total: per_day.iter().map(|(_, reads)| reads).sum(),
            per_day,
        })
    }

    /// Warns where an account is read more than its payments allow.
    async fn look_at_reads(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<(), StorageError> {
        let reads = self.stripe_reads(workspace, connection).await?.total;
        if reads <= ALLOCATION_FLOOR {
            return Ok(());
        }
        let since = self.clock().now() - TimeDelta::days(DAYS);
        let store = self.store();
        let payments = store
            .count_payments_since(workspace, connection, since)
            .await?;
        if reads > allocation(payments) {
            metrics::counter!("inlet_stripe_allocation_passed_total").increment(1);
            tracing::warn!(
                connection.id = %connection,
                reads,
                payments,
                "connection {connection} was read {reads} times in 30 days, more than Stripe allows of an account with \
                 {payments} payments: Stripe may begin to refuse"
            );
        }
        Ok(())
    }
}

/// What Stripe allows of an account with so many payments in 30 days.
fn allocation(payments: u64) -> i64 {
    i64::try_from(payments)
        .unwrap_or(i64::MAX)
        .saturating_mul(FOR_EACH_PAYMENT)
        .max(ALLOCATION_FLOOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_accounts_have_the_floor_and_others_five_hundred_a_payment() {
        assert_eq!(allocation(0), 10_000);
        assert_eq!(allocation(20), 10_000);
        assert_eq!(allocation(21), 10_500);
        assert_eq!(allocation(u64::MAX), i64::MAX);
    }
}
