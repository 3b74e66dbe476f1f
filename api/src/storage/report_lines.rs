//! What a financial report brings: balance transactions that are not known, and with them the fees of payments that
//! have none. What is known is compared, and stays as it is.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    balance_transaction,
    import_window::{Column, Entity},
};
use sea_orm::{
    DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    BalanceTransactionRow, ImportRow, PageRows, StorageError, Store, WindowRow, WindowState,
    imports, named::named, upsert, windows,
};
use crate::ids::{ImportId, PaymentId};

/// What lines of a report came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Payments whose fees were filled in.
    pub filled: Vec<PaymentId>,
    /// Lines that tell other amounts than are known.
    pub differing: u64,
}

impl Store {
    /// Writes what a report brought, with how far it is then, which `state` tells from what that came to; or nothing at
    /// all where the claim on the window was lost.
    pub async fn commit_report(
        &self,
        window: &WindowRow,
        rows: PageRows,
        at: DateTime<Utc>,
        state: impl FnOnce(&Reconciled) -> String + Send,
    ) -> Result<(ImportRow, Reconciled), StorageError> {
        let transaction = self.begin_repeatable().await?;
        let objects = rows.objects;
        // The claim is looked at first, and holds until the end of the transaction.
        let counted = Entity::update_many()
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(
                Column::ImportedObjects,
                Expr::col(Column::ImportedObjects).add(objects),
            );
        windows::hold(&transaction, window, counted).await?;
        let differing = differing(&transaction, window, &rows.balance_transactions).await?;
        let filled = upsert::page(&transaction, &self.told, rows).await?;
        let done = Reconciled { filled, differing };
        let kept = Entity::update_many().col_expr(Column::Cursor, Expr::value(state(&done)));
        windows::hold(&transaction, window, kept).await?;
        let id = ImportId(window.import_id);
        let (import, _) = imports::advance(&transaction, id, (0, objects), at).await?;
        transaction.commit().await?;
        Ok((import, done))
    }

    /// Ends a report's window with what is to be said of it, and with what else there is to be written.
    pub async fn end_report(
        &self,
        window: &WindowRow,
        rows: PageRows,
        note: &str,
        at: DateTime<Utc>,
    ) -> Result<ImportRow, StorageError> {
        let transaction = self.begin().await?;
        let covered_to = window.from_at.unwrap_or(window.covered_to);
        let done = Entity::update_many()
            .col_expr(Column::State, Expr::value(WindowState::Done))
            .col_expr(Column::CoveredTo, Expr::value(covered_to))
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(Column::Note, Expr::value(note));
        windows::hold(&transaction, window, done).await?;
        upsert::page(&transaction, &self.told, rows).await?;
        let id = ImportId(window.import_id);
        let (import, _) = imports::advance(&transaction, id, (0, 0), at).await?;
        transaction.commit().await?;
        Ok(import)
    }
}

/// What a line and the database may tell differently: amount, fee, net and currency.
type Amounts = (i64, i64, i64, String);

/// How many lines tell other amounts than are known.
async fn differing(
    transaction: &DatabaseTransaction,
    window: &WindowRow,
    lines: &[BalanceTransactionRow],
) -> Result<u64, StorageError> {
    use balance_transaction::{Column, Entity};
    if lines.is_empty() {
        return Ok(0);
    }
    let query = Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::AmountMinor,
            Column::FeeMinor,
            Column::NetMinor,
            Column::Currency,
        ])
        .filter(named(
            (Column::WorkspaceId, window.workspace_id),
            (Column::Id, lines.iter().map(|line| line.id)),
        ));
    let known: Vec<(Uuid, i64, i64, i64, String)> = query.into_tuple().all(transaction).await?;
    let known: HashMap<Uuid, Amounts> = known
        .into_iter()
        .map(|(id, amount, fee, net, currency)| (id, (amount, fee, net, currency)))
        .collect();
    let differs = |line: &&BalanceTransactionRow| {
        let currency = line.currency.clone();
        let told = (line.amount_minor, line.fee_minor, line.net_minor, currency);
        known.get(&line.id).is_some_and(|known| *known != told)
    };
    let count = lines.iter().filter(differs).count();
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}
