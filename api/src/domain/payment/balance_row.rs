//! What is kept of a balance transaction.

use serde_json::json;

use super::time::at;
use crate::{
    domain::import::PageOrigin,
    ids::BalanceTransactionId,
    storage::BalanceTransactionRow,
    stripe::{Unintelligible, object::BalanceTransaction},
};

/// The balance transaction's row.
pub(in crate::domain) fn balance_row(
    origin: PageOrigin,
    transaction: &BalanceTransaction,
) -> Result<BalanceTransactionRow, Unintelligible> {
    let fees = transaction.fee_details.iter().map(|fee| {
        json!({ "type": fee.kind, "amount": fee.amount, "currency": fee.currency, "application": fee.application })
    });
    Ok(BalanceTransactionRow {
        id: BalanceTransactionId::of(origin.connection, &transaction.id).0,
        workspace_id: origin.workspace.0,
        connection_id: origin.connection.0,
        stripe_id: transaction.id.clone(),
        kind: transaction.kind.clone(),
        reporting_category: transaction.reporting_category.clone(),
        status: Some(transaction.status.clone()),
        currency: transaction.currency.to_ascii_lowercase(),
        amount_minor: transaction.amount,
        fee_minor: transaction.fee,
        net_minor: transaction.net,
        exchange_rate: transaction.exchange_rate.map(|rate| rate.to_string()),
        fee_details: fees.collect(),
        source_id: transaction.source.clone(),
        payout_id: None,
        available_at: Some(at(transaction.available_on)?),
        created_at: at(transaction.created)?,
        observed_at: origin.observed_at,
    })
}
