//! Bulk upserts: one statement a page and table. A row is replaced only by a strictly newer observation, in the
//! statement itself, so that pages, events and refetches may arrive in any order.

use std::{cmp::Reverse, sync::LazyLock};

use entity::{
    balance_transaction, dispute, payment, quarantined_object, reference, refund, stripe_object,
};
use sea_orm::{DatabaseTransaction, IdenStatic};
use uuid::Uuid;

use super::{
    BalanceTransactionRow, DisputeRow, PageRows, PaymentRow, QuarantinedRow, ReferenceRow,
    RefundRow, StorageError, StripeObjectRow,
    bulk::Bulk,
    ledger,
    notifications::{self, Told},
    payout_links, stats,
};
use crate::ids::PaymentId;

/// Writes the bulk upsert of one entity. Columns in `kept` keep what is known where the new observation does not know
/// it.
macro_rules! upsert {
    ($name:ident, $entity:ident, $row:ty, kept: [$($kept:ident),*]) => {
        async fn $name(
            transaction: &DatabaseTransaction,
            rows: Vec<$row>,
        ) -> Result<(), StorageError> {
            static BULK: LazyLock<Bulk> = LazyLock::new(|| {
                Bulk::of::<$entity::Entity>(&[$($entity::Column::$kept.as_str()),*])
            });
            let rows = newest_of_each(rows, |row| row.id, |row| row.observed_at);
            Ok(BULK.write::<_, $entity::ActiveModel>(transaction, rows).await?)
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
    told: &Told,
    mut rows: PageRows,
) -> Result<Vec<PaymentId>, StorageError> {
    let alone = rows.entries_alone();
    let changed = stats::of_page(&rows);
    let owner = rows.owner();
    let mut to_tell = rows.changed_payments();
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
    stats::write(transaction, changed).await?;
    if let Some(owner) = owner {
        to_tell.extend(&filled);
        notifications::note(transaction, told, owner, &to_tell).await?;
    }
    Ok(filled)
}

/// One statement must not touch a row twice; rows come in the order of their ids, in which all writers lock them.
pub(super) fn newest_of_each<R, T: Ord>(
    rows: Vec<R>,
    id: impl Fn(&R) -> Uuid,
    observed: impl Fn(&R) -> T,
) -> Vec<R> {
    // Rows are large: each is moved once, into its place.
    let mut order: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(place, row)| (id(row), Reverse(observed(row)), place))
        .collect();
    order.sort_unstable();
    order.dedup_by_key(|(id, ..)| *id);
    let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
    let places = order.into_iter().map(|(.., place)| place);
    places.filter_map(|place| rows[place].take()).collect()
}
