//! What is kept of a dispute.

use super::time::at;
use crate::{
    domain::import::PageOrigin,
    ids::{DisputeId, PaymentId},
    storage::DisputeRow,
    stripe::{Unintelligible, object::Dispute},
};

/// The dispute's row; it names its payment by the id that the payment will have.
pub(in crate::domain) fn dispute_row(
    origin: PageOrigin,
    dispute: &Dispute,
) -> Result<DisputeRow, Unintelligible> {
    let payment = dispute
        .charge
        .as_deref()
        .map(|charge| PaymentId::of(origin.connection, charge));
    Ok(DisputeRow {
        id: DisputeId::of(origin.connection, &dispute.id).0,
        workspace_id: origin.workspace.0,
        connection_id: origin.connection.0,
        stripe_id: dispute.id.clone(),
        payment_id: payment.map(|payment| payment.0),
        status: dispute.status.clone(),
        currency: dispute.currency.to_ascii_lowercase(),
        amount_minor: dispute.amount,
        reason: dispute.reason.clone(),
        network_reason_code: dispute.network_reason_code.clone(),
        evidence_due_by: dispute.evidence_due_by.map(at).transpose()?,
        created_at: at(dispute.created)?,
        observed_at: origin.observed_at,
    })
}
