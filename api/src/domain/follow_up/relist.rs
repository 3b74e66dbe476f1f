//! Listing again what is new, where no event tells of it (Stripe contract section 5.5): the ledger has entries that
//! belong to no payment, a list may leave out for a moment what is brand-new, and not every account lets us list events.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::Followed;
use crate::{
    domain::{
        Gateway,
        import::{PageOrigin, Resource},
        inbox::{RecoveryError, charge_of},
        permission::allows,
    },
    ids::{ConnectionId, PaymentId, WorkspaceId},
    storage::{ConnectionRow, ObservedIds, PageRows, StorageError, TaskRow},
    stripe::{
        Credential, ListPage, ListRequest, ListResource, Probe, RawObject, StripeErrorKind, Urgency,
    },
};

/// How often.
const EVERY: TimeDelta = TimeDelta::days(1);

/// Where a look begins before what the last one saw: of what changed while the gateway was away, its first sign is listed
/// here.
const OVERLAP: TimeDelta = TimeDelta::days(1);

/// What is created so shortly before an import ends may be missing in its lists.
const BRAND_NEW: TimeDelta = TimeDelta::minutes(10);

/// The first look waits so long after that end, until lists are as they should be.
const SETTLED: TimeDelta = TimeDelta::minutes(1);

/// Nothing older is listed again, however long nobody looked.
const LONGEST: TimeDelta = TimeDelta::days(30);

/// An event of the same second counts as observed at its end.
const WITHIN_SECOND: TimeDelta = TimeDelta::microseconds(999_999);

/// Money that moves for old payments shows up as new objects here.
const MONEY: [Resource; 3] = [
    Resource::Refunds,
    Resource::Disputes,
    Resource::BalanceTransactions,
];

/// What events tell of, where they can be listed.
const TOLD: [Resource; 2] = [Resource::Charges, Resource::PaymentIntents];

impl Gateway {
    /// Lists again what was created since a day before the last look: refunds, disputes and the ledger, and where
    /// events cannot be listed, payments too. Payments that a refund or a dispute has changed since they were last seen
    /// are fetched.
    ///
    /// The first look is at the minutes before the end of the first import, a minute after it. Where events can be listed
    /// they tell of those, and the first look comes a day later.
    pub async fn relist(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
    ) -> Result<Followed, RecoveryError> {
        let now = self.clock().now();
        let told = allows(connection, Probe::Events);
        let next = now + EVERY;
        let imported = connection.synced_through.unwrap_or(now);
        let from = match task.through_at {
            Some(seen) => seen - OVERLAP,
            None => imported - BRAND_NEW,
        };
        if task.through_at.is_none() && told {
            let through = Some(from);
            return Ok(Followed { through, next });
        }
        if task.through_at.is_none() && now < imported + SETTLED {
            let next = imported + SETTLED;
            return Ok(Followed {
                through: None,
                next,
            });
        }
        let untold = if told { &TOLD[..0] } else { &TOLD[..] };
        let from = from.max(now - LONGEST);
        for resource in untold.iter().chain(&MONEY) {
            if let Some(list) = resource.list().filter(|_| resource.granted(connection)) {
                self.relist_one(connection, task, (*resource, list), from)
                    .await?;
            }
        }
        Ok(Followed {
            through: Some(now),
            next,
        })
    }

    async fn relist_one(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        (resource, list): (Resource, ListResource),
        from: DateTime<Utc>,
    ) -> Result<(), RecoveryError> {
        let credential = self
            .fresh_credential(connection)
            .await?
            .waiting(Urgency::InTurn);
        let mut request = ListRequest {
            created_gte: Some(from.timestamp()),
            expand: resource.expansions(connection),
            ..ListRequest::new(list)
        };
        loop {
            let page = self.list_patiently(&credential, &request).await?;
            let origin = PageOrigin::of(connection, page.observed_at);
            let mut rows = resource.records(origin, &page);
            for charge in self.stale_charges(connection, &page, list).await? {
                self.fetch_charge(connection, &credential, &charge, &mut rows)
                    .await?;
            }
            let mut changed = rows.changed_payments();
            changed.extend(self.store().write_rows(task, rows).await?);
            self.payments_changed(origin.workspace, origin.connection, &changed);
            let oldest = page.objects.last().and_then(RawObject::id);
            request.starting_after = oldest.filter(|_| page.has_more);
            if request.starting_after.is_none() {
                return Ok(());
            }
        }
    }

    /// The charges of a page's refunds or disputes that were not seen since.
    async fn stale_charges(
        &self,
        connection: &ConnectionRow,
        page: &ListPage,
        list: ListResource,
    ) -> Result<BTreeSet<String>, StorageError> {
        if !matches!(list, ListResource::Refunds | ListResource::Disputes) {
            return Ok(BTreeSet::new());
        }
        let touched: Vec<_> = page.objects.iter().filter_map(touched_charge).collect();
        let row = |charge: &str| PaymentId::of(ConnectionId(connection.id), charge).0;
        let ids = ObservedIds {
            payments: touched.iter().map(|(charge, _)| row(charge)).collect(),
            ..ObservedIds::default()
        };
        let workspace = WorkspaceId(connection.workspace_id);
        let stored = self.store().find_observed(workspace, &ids).await?;
        let is_stale = |(charge, at): &(String, DateTime<Utc>)| {
            let observed = stored.get(&row(charge));
            observed.is_none_or(|observed| *observed < *at + WITHIN_SECOND)
        };
        let stale = touched.into_iter().filter(is_stale);
        Ok(stale.map(|(charge, _)| charge).collect())
    }

    /// Adds the newest state of a charge to the rows; one that is not to be had is left as it is.
    async fn fetch_charge(
        &self,
        connection: &ConnectionRow,
        credential: &Credential,
        charge: &str,
        rows: &mut PageRows,
    ) -> Result<(), RecoveryError> {
        let expand = Resource::Charges.expansions(connection);
        let asked = self
            .stripe()
            .retrieve(credential, ListResource::Charges, charge, &expand);
        let fetched = match asked.await {
            Ok(fetched) => fetched,
            Err(error) if matches!(error.kind, StripeErrorKind::NotFound { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let origin = PageOrigin::of(connection, fetched.observed_at);
        if let Err(why) = Resource::Charges.record(origin, &fetched.object, rows) {
            tracing::warn!(stripe.id = charge, "a charge cannot be understood: {why}");
        }
        Ok(())
    }
}

/// The charge that a refund or dispute is of, and the second of it.
fn touched_charge(object: &RawObject) -> Option<(String, DateTime<Utc>)> {
    let created = DateTime::from_timestamp(object.created()?, 0)?;
    Some((charge_of(object)?, created))
}
