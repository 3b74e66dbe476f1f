//! What is kept of a payment intent: the payment as a whole, over all its attempts.

use serde_json::json;

use super::{card_number::mask, time::at};
use crate::{
    domain::import::PageOrigin,
    ids::StripeObjectId,
    storage::StripeObjectRow,
    stripe::{Unintelligible, object::PaymentIntent},
};

/// The payment intent's row; metadata is with the charges, which have a copy.
pub(in crate::domain) fn intent_row(
    origin: PageOrigin,
    intent: &PaymentIntent,
) -> Result<StripeObjectRow, Unintelligible> {
    let failure = intent.last_payment_error.as_ref().map(|error| {
        json!({
            "type": error.kind,
            "code": error.code,
            "decline_code": error.decline_code,
            "network_decline_code": error.network_decline_code,
            "charge": error.charge,
        })
    });
    let body = json!({
        "livemode": intent.livemode,
        "status": intent.status,
        "amount": intent.amount,
        "amount_received": intent.amount_received,
        "currency": intent.currency.to_ascii_lowercase(),
        "customer": intent.customer,
        "description": intent.description.as_deref().map(mask),
        "latest_charge": intent.latest_charge,
        "capture_method": intent.capture_method,
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.cancellation_reason,
        "last_payment_error": failure,
    });
    Ok(StripeObjectRow {
        id: StripeObjectId::of(origin.connection, &intent.id).0,
        workspace_id: origin.workspace.0,
        connection_id: origin.connection.0,
        kind: "payment_intent".to_owned(),
        stripe_id: intent.id.clone(),
        body,
        created_at: at(intent.created)?,
        observed_at: origin.observed_at,
    })
}
