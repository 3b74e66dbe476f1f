//! Payments and the ledger's entries that settle them, whichever of both arrives first.
//!
//! Whoever writes both a payment and what its entry says locks the entry first: of two writers the second one sees
//! what the first one wrote, so that neither a fee nor a payout is lost between them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{
    balance_transaction,
    payment::{Column, Entity},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, IntoIden, IntoValueTuple, Query, TableRef, ValueTuple},
};
use uuid::Uuid;

use super::{BalanceTransactionRow, PaymentRow, StorageError, named::named, stats};
use crate::ids::{BalanceTransactionId, ConnectionId, PaymentId};

/// What a stored entry says of the payment that it settles.
type Settlement = (Uuid, String, i64, i64, Option<String>, Option<String>);

/// A stored payment: its entry's id, its payout and its fee, where these are known.
type Stored = (Uuid, Option<String>, Option<String>, Option<i64>);

/// Gives payments what their stored entries say: the payout, and where they came with the entry's bare id, the fee.
/// One look into the ledger for a page.
pub(super) async fn settle_payments(
    transaction: &DatabaseTransaction,
    payments: &mut [PaymentRow],
) -> Result<(), StorageError> {
    use balance_transaction::Column;
    let Some(workspace) = payments.first().map(|row| row.workspace_id) else {
        return Ok(());
    };
    let entry = |row: &PaymentRow| {
        let id = row.balance_transaction_id.as_deref()?;
        Some(BalanceTransactionId::of(ConnectionId(row.connection_id), id).0)
    };
    let all: BTreeSet<Uuid> = payments.iter().filter_map(entry).collect();
    if all.is_empty() {
        return Ok(());
    }
    let bare: BTreeSet<Uuid> = payments
        .iter()
        .filter(|row| row.fee_minor.is_none())
        .filter_map(entry)
        .collect();
    let mut telling = Condition::any().add(Column::PayoutId.is_not_null());
    if !bare.is_empty() {
        telling = telling.add(Column::Id.is_in(bare));
    }
    let query = balance_transaction::Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::Currency,
            Column::FeeMinor,
            Column::NetMinor,
            Column::ExchangeRate,
            Column::PayoutId,
        ])
        .filter(named((Column::WorkspaceId, workspace), (Column::Id, all)))
        .filter(telling)
        .order_by_asc(Column::Id)
        .lock_shared();
    let found: Vec<Settlement> = query.into_tuple().all(transaction).await?;
    if found.is_empty() {
        return Ok(());
    }
    let found: HashMap<Uuid, Settlement> = found.into_iter().map(|one| (one.0, one)).collect();
    for row in payments {
        let Some((_, currency, fee, net, rate, payout)) =
            entry(row).and_then(|id| found.get(&id)).cloned()
        else {
            continue;
        };
        if row.fee_minor.is_none() {
            row.settlement_currency = Some(currency);
            row.fee_minor = Some(fee);
            row.net_minor = Some(net);
            row.exchange_rate = rate;
        }
        row.payout_id = payout.or_else(|| row.payout_id.take());
    }
    Ok(())
}

/// Gives stored payments what entries say that came without them: the fee, where it is not known, and the payout, where
/// the entries are of one. Returns the payments that changed.
///
/// A payment is only settled by its own entry, or, where it names none yet, by the one that Stripe books for a charge: a
/// payment's return is an entry of the same payment, and not its fee.
pub(super) async fn fill_payments(
    transaction: &DatabaseTransaction,
    entries: &[BalanceTransactionRow],
    payout: Option<&str>,
) -> Result<Vec<PaymentId>, StorageError> {
    let Some(workspace) = entries.first().map(|entry| entry.workspace_id) else {
        return Ok(Vec::new());
    };
    let entries: BTreeMap<Uuid, &BalanceTransactionRow> = entries
        .iter()
        .filter_map(|entry| Some((settled_by(entry)?, entry)))
        .collect();
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let mut lacking = Condition::any().add(Column::FeeMinor.is_null());
    if let Some(payout) = payout {
        lacking = lacking
            .add(Column::PayoutId.is_null())
            .add(Column::PayoutId.ne(payout));
    }
    // In the order of their ids, in which all writers lock them.
    let query = Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::BalanceTransactionId,
            Column::PayoutId,
            Column::FeeMinor,
        ])
        .filter(named(
            (Column::WorkspaceId, workspace),
            (Column::Id, entries.keys().copied()),
        ))
        .filter(lacking)
        .order_by_asc(Column::Id)
        .lock_exclusive();
    let stored: Vec<Stored> = query.into_tuple().all(transaction).await?;
    let mut changed_sums = Vec::new();
    let filled: Vec<_> = stored
        .into_iter()
        .filter_map(|(payment, name, known, fee)| {
            let entry = *entries.get(&payment)?;
            let own = name.is_none_or(|name| name == entry.stripe_id);
            if own && fee != Some(entry.fee_minor) {
                changed_sums.push(payment);
            }
            own.then(|| values(payment, entry, payout.map(str::to_owned).or(known)))
        })
        .collect();
    write(transaction, &filled).await?;
    if let Some(entry) = entries.values().max_by_key(|entry| entry.observed_at) {
        let owner = (entry.workspace_id, entry.connection_id);
        stats::note(transaction, owner, changed_sums, entry.observed_at).await?;
    }
    Ok(filled
        .into_iter()
        .map(|(payment, _)| PaymentId(payment))
        .collect())
}

/// The payment that an entry is the settlement of (Stripe contract section 7.5).
fn settled_by(entry: &BalanceTransactionRow) -> Option<Uuid> {
    let of_charge = matches!(&*entry.kind, "charge" | "payment");
    let source = entry.source_id.as_deref().filter(|_| of_charge)?;
    Some(PaymentId::of(ConnectionId(entry.connection_id), source).0)
}

const FILLED: [Column; 6] = [
    Column::BalanceTransactionId,
    Column::SettlementCurrency,
    Column::FeeMinor,
    Column::NetMinor,
    Column::ExchangeRate,
    Column::PayoutId,
];

fn values(
    payment: Uuid,
    entry: &BalanceTransactionRow,
    payout: Option<String>,
) -> (Uuid, ValueTuple) {
    let values = (
        payment,
        Some(entry.stripe_id.clone()),
        Some(entry.currency.clone()),
        Some(entry.fee_minor),
        Some(entry.net_minor),
        entry.exchange_rate.clone(),
        payout,
    );
    (payment, values.into_value_tuple())
}

/// One statement for all payments.
async fn write(
    transaction: &DatabaseTransaction,
    filled: &[(Uuid, ValueTuple)],
) -> Result<(), StorageError> {
    if filled.is_empty() {
        return Ok(());
    }
    let table = Alias::new("filled");
    // As both databases name the columns of bare values.
    let column = |place: usize| Expr::col((table.clone(), Alias::new(format!("column{place}"))));
    let rows = filled.iter().map(|(_, values)| values.clone()).collect();
    let mut update = Query::update();
    update
        .table(Entity)
        .from(TableRef::ValuesList(rows, table.clone().into_iden()))
        .and_where(Expr::col((Entity, Column::Id)).eq(column(1)));
    for (place, filled) in FILLED.into_iter().enumerate() {
        update.value(filled, column(place + 2));
    }
    transaction.execute(&update).await?;
    Ok(())
}
