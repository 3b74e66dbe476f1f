//! What events are about, and what is kept of it.

use crate::{domain::import::Resource, storage::ObservedIds, stripe::ListResource};

use super::subject::Subject;
use crate::ids::{ConnectionId, DisputeId, PaymentId, RefundId, StripeObjectId};

/// The resource of Stripe's `object`, and the list that one of it is fetched from; none for what is not kept.
pub(super) fn of_kind(kind: &str) -> Option<(Resource, ListResource)> {
    Some(match kind {
        "charge" => (Resource::Charges, ListResource::Charges),
        "refund" => (Resource::Refunds, ListResource::Refunds),
        "dispute" => (Resource::Disputes, ListResource::Disputes),
        "payment_intent" => (Resource::PaymentIntents, ListResource::PaymentIntents),
        "payout" => (Resource::Payouts, ListResource::Payouts),
        "transfer" => (Resource::Transfers, ListResource::Transfers),
        "product" => (Resource::Products, ListResource::Products),
        "subscription" => (Resource::Subscriptions, ListResource::Subscriptions),
        "credit_note" => (Resource::CreditNotes, ListResource::CreditNotes),
        "setup_intent" => (Resource::SetupIntents, ListResource::SetupIntents),
        "payment_method" => (Resource::PaymentMethods, ListResource::PaymentMethods),
        _ => return None,
    })
}

/// The row of a subject, and the table to look for it in.
pub(super) fn note_row(connection: ConnectionId, subject: &Subject<'_>, ids: &mut ObservedIds) {
    let row = row_id(connection, subject.resource, subject.id);
    match subject.resource {
        Resource::Charges => ids.payments.push(row),
        Resource::Refunds => ids.refunds.push(row),
        Resource::Disputes => ids.disputes.push(row),
        _ => ids.stripe_objects.push(row),
    }
}

/// The row id of an object.
pub(super) fn row_id(connection: ConnectionId, resource: Resource, id: &str) -> uuid::Uuid {
    match resource {
        Resource::Charges => PaymentId::of(connection, id).0,
        Resource::Refunds => RefundId::of(connection, id).0,
        Resource::Disputes => DisputeId::of(connection, id).0,
        _ => StripeObjectId::of(connection, id).0,
    }
}
