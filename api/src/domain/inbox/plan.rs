//! What is to be done about the events of an object.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    fetch::mark_deleted,
    kinds::row_id,
    subject::Subject,
    version::{Verdict, judge, of_event},
};
use crate::{
    domain::import::{PageOrigin, Resource, is_cut_off},
    ids::{BalanceTransactionId, ConnectionId, PaymentId, WorkspaceId},
    storage::PageRows,
    stripe::{API_VERSION, RawObject, object::Expandable},
};

/// What is stored of the objects of a batch.
pub(super) struct Stored {
    pub(super) workspace: WorkspaceId,
    pub(super) connection: ConnectionId,
    /// When each row was true at Stripe.
    pub(super) at: HashMap<Uuid, DateTime<Utc>>,
    /// Whether the ledger may be read: otherwise nothing is fetched for its sake.
    pub(super) ledger: bool,
}

/// What is to be done about the events of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// These rows are all that is to be written; none where what is stored is newer.
    Write(Box<PageRows>),
    /// The object is to be fetched, or, where its rows are known, only the payment that it is of.
    Fetch(Option<Box<PageRows>>),
}

impl Stored {
    /// The version rule for one object.
    pub(super) fn step(&self, subject: &Subject<'_>) -> Step {
        let known = row_id(self.connection, subject.resource, subject.id);
        let rows = match self.judge(known, subject.created()) {
            Verdict::Older => Some(PageRows::default()),
            Verdict::Unclear => None,
            Verdict::Newer => self.rows(subject),
        };
        match rows.map(Box::new) {
            Some(rows) if self.leaves_payment_open(subject) => Step::Fetch(Some(rows)),
            Some(rows) => Step::Write(rows),
            None => Step::Fetch(None),
        }
    }

    /// Whether the events change a payment that is not known to have been observed since.
    fn leaves_payment_open(&self, subject: &Subject<'_>) -> bool {
        if !subject.touches_payment() {
            return false;
        }
        let charge = subject.body().and_then(|body| charge_of(&body));
        // Without a body nobody knows which payment it is.
        charge.is_none_or(|charge| {
            let payment = PaymentId::of(self.connection, &charge);
            self.judge(payment.0, subject.created()) != Verdict::Older
        })
    }

    fn judge(&self, row: Uuid, created: DateTime<Utc>) -> Verdict {
        judge(self.at.get(&row).copied(), created)
    }

    /// The rows of the latest event's body; none where it does not say all that is kept, or cannot be relied on.
    fn rows(&self, subject: &Subject<'_>) -> Option<PageRows> {
        let event = subject.latest()?;
        // Another version writes other shapes (Stripe contract section 1.2).
        if event.api_version.as_deref() != Some(API_VERSION) {
            return None;
        }
        let raw = subject.body()?;
        if !self.says_all(subject, &raw) {
            return None;
        }
        let origin = PageOrigin {
            workspace: self.workspace,
            connection: self.connection,
            observed_at: of_event(event.created_at),
        };
        let mut rows = PageRows::default();
        subject.resource.record(origin, &raw, &mut rows).ok()?;
        // Events carry lists as short as any other object.
        if is_cut_off(&rows) {
            return None;
        }
        if subject.is_deletion() {
            mark_deleted(&mut rows);
        }
        Some(rows)
    }

    /// Whether a body lacks nothing that a fetched object would bring: events hold ids where the ledger's entries are,
    /// so an entry that is not stored yet, or not with the payment, has to be fetched.
    fn says_all(&self, subject: &Subject<'_>, raw: &RawObject) -> bool {
        let entries = ledger_entries(subject.resource, raw);
        if !self.ledger || entries.is_empty() {
            return true;
        }
        let known = |row| self.at.contains_key(&row);
        let own = row_id(self.connection, subject.resource, subject.id);
        let entry = |id: &String| BalanceTransactionId::of(self.connection, id).0;
        known(own) && entries.iter().map(entry).all(known)
    }
}

/// The ids of the ledger entries that a body names.
pub(super) fn ledger_entries(resource: Resource, raw: &RawObject) -> Vec<String> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Entries {
        balance_transaction: Option<Expandable<Named>>,
        failure_balance_transaction: Option<Expandable<Named>>,
    }
    if !matches!(resource, Resource::Charges | Resource::Refunds) {
        return Vec::new();
    }
    let entries: Entries = raw.parse().unwrap_or_default();
    [
        entries.balance_transaction,
        entries.failure_balance_transaction,
    ]
    .into_iter()
    .flatten()
    .map(|entry| match entry {
        Expandable::Id(id) => id,
        Expandable::Object(object) => object.id,
    })
    .collect()
}

/// The charge that a refund or dispute is of.
pub(in crate::domain) fn charge_of(raw: &RawObject) -> Option<String> {
    #[derive(Deserialize)]
    struct Child {
        charge: Option<Expandable<Named>>,
    }
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    let child: Child = raw.parse().ok()?;
    child.charge.map(|charge| match charge {
        Expandable::Id(id) => id,
        Expandable::Object(object) => object.id,
    })
}
