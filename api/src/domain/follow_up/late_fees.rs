//! Fees that Stripe tells later than the payment, where no event told of them (Stripe contract section 7.3).

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Followed, spans};
use crate::{
    domain::{
        Gateway,
        import::{PageOrigin, Resource},
        inbox::RecoveryError,
    },
    ids::{ConnectionId, PaymentId, WorkspaceId},
    storage::{AwaitingFee, ConnectionRow, CreatedSpan, StorageError, TaskRow},
    stripe::{ListPage, ListRequest, ListResource, RawObject, Urgency},
};

/// The pause between two looks.
const PAUSE: TimeDelta = TimeDelta::minutes(5);

/// As many as a page can tell of.
const PAGE: u64 = 100;

impl Gateway {
    /// Connections with payments whose fees have not come for so long that they are asked for.
    pub async fn list_connections_awaiting_fees(
        &self,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        let now = self.clock().now();
        let span = (now - spans::LAST, now - spans::FIRST);
        self.store().list_connections_awaiting_fees(span, now).await
    }

    /// Asks for the captured payments whose fees are not known and that have come of age since the last look.
    ///
    /// The list of charges is read from one such payment to the next, so that a request settles as many as fit into a
    /// page; none is asked for twice before it is twice as old, and none that is older than a week.
    pub async fn fetch_late_fees(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
    ) -> Result<Followed, RecoveryError> {
        let now = self.clock().now();
        if !Resource::ledger_granted(connection) {
            return Ok(Followed::not_granted(now));
        }
        let due = spans::due(task.through_at, now);
        let mut place = Some((now, None));
        while let Some((until, after)) = place {
            let awaiting = self.awaiting(connection, &due, until).await?;
            let Some(newest) = awaiting.first() else {
                break;
            };
            let page = self
                .charges_until(connection, newest.created_at, after)
                .await?;
            self.write_late_fees(connection, task, &page, &awaiting)
                .await?;
            place = next_place(newest.created_at, &page);
        }
        Ok(Followed {
            through: Some(now),
            next: now + PAUSE,
        })
    }

    async fn awaiting(
        &self,
        connection: &ConnectionRow,
        due: &[CreatedSpan],
        until: DateTime<Utc>,
    ) -> Result<Vec<AwaitingFee>, StorageError> {
        let (workspace, id) = (connection.workspace_id.into(), connection.id.into());
        self.store()
            .list_awaiting_fees(workspace, id, due, until, PAGE)
            .await
    }

    /// A page of charges, from a second backwards.
    async fn charges_until(
        &self,
        connection: &ConnectionRow,
        second: DateTime<Utc>,
        after: Option<String>,
    ) -> Result<ListPage, RecoveryError> {
        let credential = self
            .fresh_credential(connection)
            .await?
            .waiting(Urgency::InTurn);
        let request = ListRequest {
            created_lt: Some(second.timestamp() + 1),
            starting_after: after,
            expand: Resource::Charges.expansions(connection),
            ..ListRequest::new(ListResource::Charges)
        };
        Ok(self.list_patiently(&credential, &request).await?)
    }

    /// Writes a page, and tells of the payments that have their fees by it.
    async fn write_late_fees(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        page: &ListPage,
        awaiting: &[AwaitingFee],
    ) -> Result<(), StorageError> {
        let origin = PageOrigin::of(connection, page.observed_at);
        let rows = Resource::Charges.records(origin, page);
        let awaiting: HashSet<PaymentId> = awaiting.iter().map(|payment| payment.id).collect();
        let settled = rows.payments.iter().filter(|row| row.fee_minor.is_some());
        let settled = settled.map(|row| PaymentId(row.id));
        let settled: Vec<_> = settled.filter(|id| awaiting.contains(id)).collect();
        self.store().write_rows(task, rows).await?;
        self.payments_changed(origin.workspace, origin.connection, &settled);
        Ok(())
    }
}

/// Where to look for the next payment: at or before the last second of the page, or, where that second has more charges
/// than a page, behind the last of them. None where nothing older is listed.
fn next_place(newest: DateTime<Utc>, page: &ListPage) -> Option<(DateTime<Utc>, Option<String>)> {
    let last = page.objects.last().filter(|_| page.has_more)?;
    let oldest = DateTime::from_timestamp(last.created()?, 0)?;
    let within = oldest.timestamp() >= newest.timestamp();
    let after = page.objects.iter().rev().find_map(RawObject::id);
    Some((oldest, after.filter(|_| within)))
}
