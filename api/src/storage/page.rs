//! A page of an import: its rows, the window's checkpoint, the import's counters and the fence in one transaction.

use chrono::{DateTime, Utc};
use entity::import_window::{Column, Entity};
use sea_orm::{
    EntityTrait,
    sea_query::{Expr, ExprTrait},
};

use super::{
    BalanceTransactionRow, DisputeRow, ImportRow, PaymentRow, QuarantinedRow, RefundRow,
    StorageError, Store, StripeObjectRow, WindowRow, WindowState, imports, upsert, windows,
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
    },
    /// The window is imported.
    Done,
}

impl Store {
    /// Writes a page, or nothing at all where the claim on the window was lost.
    pub async fn commit_page(
        &self,
        window: &WindowRow,
        step: WindowStep,
        rows: PageRows,
        at: DateTime<Utc>,
    ) -> Result<ImportRow, StorageError> {
        let transaction = match step {
            // Rows and checkpoint are lost together, and imported again.
            WindowStep::More { .. } => self.begin_repeatable().await?,
            WindowStep::Done => self.begin().await?,
        };
        let progress = Entity::update_many()
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(
                Column::ImportedObjects,
                Expr::col(Column::ImportedObjects).add(rows.objects),
            );
        let progress = match step {
            WindowStep::More { cursor, covered_to } => progress
                .col_expr(Column::Cursor, Expr::value(cursor))
                .col_expr(Column::CoveredTo, Expr::value(covered_to)),
            WindowStep::Done => progress
                .col_expr(Column::State, Expr::value(WindowState::Done))
                .col_expr(Column::CoveredTo, Expr::col(Column::FromAt)),
        };
        windows::hold(&transaction, window, progress).await?;
        let counts = (
            i64::try_from(rows.payments.len()).unwrap_or(i64::MAX),
            rows.objects,
        );
        upsert::page(&transaction, rows).await?;
        let import = imports::advance(&transaction, ImportId(window.import_id), counts, at).await?;
        transaction.commit().await?;
        Ok(import)
    }
}
