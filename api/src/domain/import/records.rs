//! From a page of a Stripe list to the rows that it brings.

use chrono::{DateTime, Utc};

use super::{Resource, references::references};
use crate::{
    domain::payment::{
        balance_row, dispute_row, intent_row, kept_row, payment_row, payout_link, refund_row,
    },
    ids::{ConnectionId, StripeObjectId, WorkspaceId},
    storage::{BalanceTransactionRow, ConnectionRow, PageRows, QuarantinedRow},
    stripe::{ListPage, RawObject, Unintelligible, object},
};

/// Whose page it is, and when it was true at Stripe.
#[derive(Clone, Copy, Debug)]
pub struct PageOrigin {
    /// The workspace that the rows belong to.
    pub workspace: WorkspaceId,
    /// The connection that the rows belong to.
    pub connection: ConnectionId,
    /// When Stripe answered.
    pub observed_at: DateTime<Utc>,
}

impl PageOrigin {
    /// What Stripe answered of a connection, at a time.
    #[must_use]
    pub fn of(connection: &ConnectionRow, observed_at: DateTime<Utc>) -> Self {
        Self {
            workspace: WorkspaceId(connection.workspace_id),
            connection: ConnectionId(connection.id),
            observed_at,
        }
    }
}

impl Resource {
    /// The rows of a page. An object that cannot be understood is set aside with the reason and spoils nothing else.
    #[must_use]
    pub fn records(self, origin: PageOrigin, page: &ListPage) -> PageRows {
        let mut rows = PageRows::default();
        for object in &page.objects {
            match self.record(origin, object, &mut rows) {
                Ok(()) => rows.objects += 1,
                Err(why) => rows
                    .quarantined
                    .push(set_aside(self, origin, page, object, why)),
            }
        }
        rows
    }

    /// Adds all that an object brings, or nothing.
    pub(in crate::domain) fn record(
        self,
        origin: PageOrigin,
        raw: &RawObject,
        rows: &mut PageRows,
    ) -> Result<(), Unintelligible> {
        match self {
            Self::Charges => {
                let charge = raw.parse::<object::Charge>()?;
                let ledger = ledger(
                    origin,
                    [
                        &charge.balance_transaction,
                        &charge.failure_balance_transaction,
                    ],
                )?;
                let references = references(origin, &charge);
                rows.payments.push(payment_row(origin, charge)?);
                rows.references.extend(references);
                rows.balance_transactions.extend(ledger);
            }
            Self::Refunds => {
                let refund = raw.parse::<object::Refund>()?;
                let row = refund_row(origin, &refund)?;
                let ledger = ledger(
                    origin,
                    [
                        &refund.balance_transaction,
                        &refund.failure_balance_transaction,
                    ],
                )?;
                rows.refunds.push(row);
                rows.balance_transactions.extend(ledger);
            }
            Self::Disputes => {
                let dispute = raw.parse::<object::Dispute>()?;
                let row = dispute_row(origin, &dispute)?;
                let transactions = dispute.balance_transactions.iter();
                let ledger = transactions.map(|transaction| balance_row(origin, transaction));
                let ledger = ledger.collect::<Result<Vec<_>, _>>()?;
                rows.disputes.push(row);
                rows.balance_transactions.extend(ledger);
            }
            Self::PaymentIntents => {
                let intent = raw.parse::<object::PaymentIntent>()?;
                rows.stripe_objects.push(intent_row(origin, &intent)?);
            }
            Self::BalanceTransactions => {
                let transaction = raw.parse::<object::BalanceTransaction>()?;
                rows.balance_transactions
                    .push(balance_row(origin, &transaction)?);
            }
            Self::Payouts => {
                rows.stripe_objects.push(kept_row(origin, self, raw)?);
                rows.payout_links.extend(payout_link(origin, raw));
            }
            other => rows.stripe_objects.push(kept_row(origin, other, raw)?),
        }
        Ok(())
    }
}

/// The rows of what came expanded: the money that moved, and what brought it back.
fn ledger(
    origin: PageOrigin,
    transactions: [&Option<object::Expandable<object::BalanceTransaction>>; 2],
) -> Result<Vec<BalanceTransactionRow>, Unintelligible> {
    let given = transactions.into_iter().flatten();
    let expanded = given.filter_map(object::Expandable::object);
    expanded
        .map(|transaction| balance_row(origin, transaction))
        .collect()
}

fn set_aside(
    resource: Resource,
    origin: PageOrigin,
    page: &ListPage,
    object: &RawObject,
    why: Unintelligible,
) -> QuarantinedRow {
    let stripe_id = object.id();
    // Without an id, what is set aside twice is known by its text.
    let name = stripe_id.as_deref().unwrap_or_else(|| object.json());
    let key = format!("{}/{name}", resource.name());
    QuarantinedRow {
        id: StripeObjectId::of(origin.connection, &key).0,
        workspace_id: origin.workspace.0,
        connection_id: origin.connection.0,
        resource: resource.name().to_owned(),
        stripe_id,
        reason: why.reason,
        request_id: page.request_id.clone(),
        observed_at: origin.observed_at,
    }
}
