//! A page of an import: its rows, the window's checkpoint, the import's counters and the fence in one transaction.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::import_window::{Column, Entity};
use sea_orm::{
    EntityTrait,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    BalanceTransactionRow, DisputeRow, Division, ImportRow, PaymentRow, PayoutLinkRow,
    QuarantinedRow, ReferenceRow, RefundRow, StorageError, Store, StripeObjectRow, WindowRow,
    WindowState, imports, upsert, windows,
};
use crate::ids::{ImportId, PaymentId};

/// What a page brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRows {
    /// Of charges.
    pub payments: Vec<PaymentRow>,
    /// Of refunds.
    pub refunds: Vec<RefundRow>,
    /// Of disputes.
    pub disputes: Vec<DisputeRow>,
    /// Of balance transactions, also those that came inside other objects.
    pub balance_transactions: Vec<BalanceTransactionRow>,
    /// Of the other resources.
    pub stripe_objects: Vec<StripeObjectRow>,
    /// What charges name and no list has, also what became of it.
    pub references: Vec<ReferenceRow>,
    /// Payouts whose lists are to be read.
    pub payout_links: Vec<PayoutLinkRow>,
    /// What could not be understood.
    pub quarantined: Vec<QuarantinedRow>,
    /// How many objects of the list were understood.
    pub objects: i64,
}

impl PageRows {
    /// Adds what another page or event brings.
    pub fn extend(&mut self, other: Self) {
        self.payments.extend(other.payments);
        self.refunds.extend(other.refunds);
        self.disputes.extend(other.disputes);
        self.balance_transactions.extend(other.balance_transactions);
        self.stripe_objects.extend(other.stripe_objects);
        self.references.extend(other.references);
        self.payout_links.extend(other.payout_links);
        self.quarantined.extend(other.quarantined);
        self.objects += other.objects;
    }

    /// The payments that are not as they were once this is stored: also those that only a refund or a dispute is of.
    #[must_use]
    pub fn changed_payments(&self) -> Vec<PaymentId> {
        let own = self.payments.iter().map(|row| row.id);
        let refunded = self.refunds.iter().filter_map(|row| row.payment_id);
        let disputed = self.disputes.iter().filter_map(|row| row.payment_id);
        own.chain(refunded).chain(disputed).map(PaymentId).collect()
    }

    /// The workspace and the connection of all rows that payments are known by.
    pub(super) fn owner(&self) -> Option<(Uuid, Uuid)> {
        let payments = self.payments.iter();
        let payments = payments.map(|row| (row.workspace_id, row.connection_id));
        let refunds = self.refunds.iter();
        let refunds = refunds.map(|row| (row.workspace_id, row.connection_id));
        let disputes = self.disputes.iter();
        let disputes = disputes.map(|row| (row.workspace_id, row.connection_id));
        let entries = self.balance_transactions.iter();
        let entries = entries.map(|row| (row.workspace_id, row.connection_id));
        payments
            .chain(refunds)
            .chain(disputes)
            .chain(entries)
            .next()
    }

    /// The ledger's entries that came without the object that they are of; usually all come inside one.
    pub(super) fn entries_alone(&self) -> Vec<BalanceTransactionRow> {
        let payments = self.payments.iter().map(|row| &*row.stripe_id);
        let refunds = self.refunds.iter().map(|row| &*row.stripe_id);
        let disputes = self.disputes.iter().map(|row| &*row.stripe_id);
        let objects: HashSet<&str> = payments.chain(refunds).chain(disputes).collect();
        let alone = self.balance_transactions.iter().filter(|entry| {
            let source = entry.source_id.as_deref();
            source.is_some_and(|source| !objects.contains(source))
        });
        alone.cloned().collect()
    }
}

/// How far a window is after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowStep {
    /// There is more, after this Stripe id; everything since `covered_to` is imported.
    More {
        /// The last id of the page.
        cursor: String,
        /// The creation time of the last object.
        covered_to: DateTime<Utc>,
        /// How it could be divided.
        division: Option<Division>,
    },
    /// The window is imported.
    Done {
        /// The creation time of its oldest object, where it has one.
        oldest: Option<DateTime<Utc>>,
    },
}

/// What a page left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The import, as it is now.
    pub import: ImportRow,
    /// Whether the window was divided: it begins where the newest of the older parts ends.
    pub was_divided: bool,
    /// Payments that were there before and are filled in by the page.
    pub filled: Vec<PaymentId>,
}

impl Store {
    /// Writes a page, or nothing at all where the claim on the window was lost. The window is divided as far as that is
    /// of use: so whoever has nothing to do finds something.
    pub async fn commit_page(
        &self,
        window: &WindowRow,
        step: WindowStep,
        rows: PageRows,
        at: DateTime<Utc>,
    ) -> Result<Committed, StorageError> {
        let transaction = match step {
            // Rows and checkpoint are lost together, and imported again.
            WindowStep::More { .. } => self.begin_repeatable().await?,
            WindowStep::Done { .. } => self.begin().await?,
        };
        let progress = Entity::update_many()
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(
                Column::ImportedObjects,
                Expr::col(Column::ImportedObjects).add(rows.objects),
            );
        let (progress, division) = match step {
            WindowStep::More {
                cursor,
                covered_to,
                division,
            } => {
                let progress = progress
                    .col_expr(Column::Cursor, Expr::value(cursor))
                    .col_expr(Column::CoveredTo, Expr::value(covered_to));
                (progress, division)
            }
            WindowStep::Done { oldest } => {
                // Without a start, it is known to reach down to its oldest object.
                let covered_to = window.from_at.or(oldest).unwrap_or(window.covered_to);
                let progress = progress
                    .col_expr(Column::State, Expr::value(WindowState::Done))
                    .col_expr(Column::CoveredTo, Expr::value(covered_to));
                (progress, None)
            }
        };
        windows::hold(&transaction, window, progress).await?;
        let counts = (
            i64::try_from(rows.payments.len()).unwrap_or(i64::MAX),
            rows.objects,
        );
        let filled = upsert::page(&transaction, &self.told, rows).await?;
        let (import, open) =
            imports::advance(&transaction, ImportId(window.import_id), counts, at).await?;
        // Of several windows that could be divided at once the first one is: the import's row is locked.
        let was_divided = windows::divide(&transaction, window, division, &open, at).await?;
        transaction.commit().await?;
        Ok(Committed {
            import,
            was_divided,
            filled,
        })
    }
}
