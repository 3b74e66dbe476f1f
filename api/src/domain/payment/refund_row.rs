//! What is kept of a refund.

use super::time::at;
use crate::{
    domain::import::PageOrigin,
    ids::{PaymentId, RefundId},
    storage::RefundRow,
    stripe::{Unintelligible, object::Refund},
};

/// The refund's row; it names its payment by the id that the payment will have.
pub(in crate::domain) fn refund_row(
    origin: PageOrigin,
    refund: &Refund,
) -> Result<RefundRow, Unintelligible> {
    let payment = refund
        .charge
        .as_deref()
        .map(|charge| PaymentId::of(origin.connection, charge));
    Ok(RefundRow {
        id: RefundId::of(origin.connection, &refund.id).0,
        workspace_id: origin.workspace.0,
        connection_id: origin.connection.0,
        stripe_id: refund.id.clone(),
        payment_id: payment.map(|payment| payment.0),
        status: refund
            .status
            .clone()
            .unwrap_or_else(|| "unknown".to_owned()),
        currency: refund.currency.to_ascii_lowercase(),
        amount_minor: refund.amount,
        reason: refund.reason.clone(),
        failure_reason: refund.failure_reason.clone(),
        balance_transaction_id: refund
            .balance_transaction
            .as_ref()
            .map(|transaction| transaction.id().to_owned()),
        created_at: at(refund.created)?,
        observed_at: origin.observed_at,
    })
}
