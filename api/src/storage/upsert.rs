//! Bulk upserts: one statement a page and table. A row is replaced only by a strictly newer observation, in the
//! statement itself, so that pages, events and refetches may arrive in any order.

use std::collections::BTreeMap;

use entity::{
    balance_transaction, dispute, payment, quarantined_object, reference, refund, stripe_object,
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Iterable,
    sea_query::{Alias, Expr, ExprTrait, Func, OnConflict},
};
use uuid::Uuid;

use super::{
    BalanceTransactionRow, DisputeRow, PageRows, PaymentRow, QuarantinedRow, ReferenceRow,
    RefundRow, StorageError, StripeObjectRow, ledger, payout_links,
};
use crate::ids::PaymentId;

/// Writes the bulk upsert of one entity. Every row table has the columns `id` and `observed_at`; columns in `kept`
/// keep what is known where the new observation does not know it.
macro_rules! upsert {
    ($name:ident, $entity:ident, $row:ty, kept: [$($kept:ident),*]) => {
        async fn $name(
            transaction: &DatabaseTransaction,
            rows: Vec<$row>,
        ) -> Result<(), StorageError> {
            use $entity::{ActiveModel, Column, Entity};
            let rows = newest_of_each(rows, |row| row.id, |row| row.observed_at);
            if rows.is_empty() {
                return Ok(());
            }
            let kept: &[Column] = &[$(Column::$kept),*];
            let replaced = Column::iter()
                .filter(|column| !matches!(column, Column::Id) && !kept.iter().any(|k| same(k, column)));
            let mut conflict = OnConflict::column(Column::Id);
            conflict.update_columns(replaced);
            for column in kept {
                conflict.value(*column, known(Entity, *column));
            }
            conflict.action_and_where(
                Expr::col((Alias::new("excluded"), Column::ObservedAt))
                    .gt(Expr::col((Entity, Column::ObservedAt))),
            );
            Entity::insert_many::<ActiveModel, _>(
                rows.into_iter().map(IntoActiveModel::into_active_model),
            )
            .on_conflict(conflict)
            .exec_without_returning(transaction)
            .await?;
            Ok(())
        }
    };
}

upsert!(payments, payment, PaymentRow, kept: [
    BalanceTransactionId, SettlementCurrency, FeeMinor, NetMinor, ExchangeRate, PayoutId, StoredCredential
]);
upsert!(refunds, refund, RefundRow, kept: []);
upsert!(disputes, dispute, DisputeRow, kept: []);
upsert!(balance_transactions, balance_transaction, BalanceTransactionRow, kept: [PayoutId]);
upsert!(stripe_objects, stripe_object, StripeObjectRow, kept: []);
upsert!(references, reference, ReferenceRow, kept: [FetchedAt]);
upsert!(quarantined, quarantined_object, QuarantinedRow, kept: []);

/// Writes all rows that a page or a batch of events brings. Returns the payments that were there before and are filled
/// in by what the rows say of them.
pub(super) async fn page(
    transaction: &DatabaseTransaction,
    mut rows: PageRows,
) -> Result<Vec<PaymentId>, StorageError> {
    let alone = rows.entries_alone();
    // The ledger first, as `ledger` explains.
    balance_transactions(transaction, rows.balance_transactions).await?;
    ledger::settle_payments(transaction, &mut rows.payments).await?;
    payments(transaction, rows.payments).await?;
    let filled = ledger::fill_payments(transaction, &alone, None).await?;
    refunds(transaction, rows.refunds).await?;
    disputes(transaction, rows.disputes).await?;
    stripe_objects(transaction, rows.stripe_objects).await?;
    references(transaction, rows.references).await?;
    payout_links::want(transaction, rows.payout_links).await?;
    quarantined(transaction, rows.quarantined).await?;
    Ok(filled)
}

/// One statement must not touch a row twice; rows come in the order of their ids, in which all writers lock them.
pub(super) fn newest_of_each<R, T: PartialOrd>(
    rows: Vec<R>,
    id: impl Fn(&R) -> Uuid,
    observed: impl Fn(&R) -> T,
) -> Vec<R> {
    let mut newest = BTreeMap::new();
    for row in rows {
        match newest.entry(id(&row)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(row);
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                if observed(&row) > observed(place.get()) {
                    place.insert(row);
                }
            }
        }
    }
    newest.into_values().collect()
}

fn same<C: ColumnTrait>(one: &C, other: &C) -> bool {
    one.as_str() == other.as_str()
}

fn known<E: EntityTrait, C: ColumnTrait>(entity: E, column: C) -> Expr {
    Func::coalesce([
        Expr::col((Alias::new("excluded"), column)),
        Expr::col((entity, column)),
    ])
    .into()
}
