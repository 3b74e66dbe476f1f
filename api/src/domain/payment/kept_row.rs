//! What is kept of the resources that have no table of their own: named fields, nothing else.

use serde_json::{Map, Value};

use super::{card_number::mask, time::at};
use crate::{
    domain::import::{PageOrigin, Resource},
    ids::StripeObjectId,
    storage::StripeObjectRow,
    stripe::{RawObject, Unintelligible},
};

const PAYOUT: &[&str] = &[
    "livemode",
    "status",
    "amount",
    "currency",
    "arrival_date",
    "automatic",
    "method",
    "type",
    "source_type",
    "failure_code",
    "balance_transaction",
    "reconciliation_status",
    "original_payout",
    "reversed_by",
];
const TRANSFER: &[&str] = &[
    "livemode",
    "amount",
    "amount_reversed",
    "currency",
    "destination",
    "destination_payment",
    "reversed",
    "source_transaction",
    "source_type",
    "transfer_group",
    "balance_transaction",
];
const PRODUCT: &[&str] = &[
    "livemode",
    "active",
    "name",
    "description",
    "default_price",
    "statement_descriptor",
    "unit_label",
    "updated",
];
const SUBSCRIPTION: &[&str] = &[
    "livemode",
    "status",
    "customer",
    "currency",
    "collection_method",
    "start_date",
    "billing_cycle_anchor",
    "cancel_at",
    "cancel_at_period_end",
    "canceled_at",
    "ended_at",
    "trial_start",
    "trial_end",
    "latest_invoice",
    "items",
];
const CREDIT_NOTE: &[&str] = &[
    "livemode",
    "status",
    "amount",
    "currency",
    "subtotal",
    "total",
    "type",
    "reason",
    "customer",
    "invoice",
    "refunds",
    "out_of_band_amount",
    "effective_at",
    "voided_at",
];
const SETUP_INTENT: &[&str] = &[
    "livemode",
    "status",
    "customer",
    "usage",
    "payment_method",
    "payment_method_types",
    "latest_attempt",
    "cancellation_reason",
    "last_setup_error.type",
    "last_setup_error.code",
    "last_setup_error.decline_code",
];
const PAYMENT_METHOD: &[&str] = &[
    "livemode",
    "type",
    "customer",
    "allow_redisplay",
    "card.brand",
    "card.last4",
    "card.exp_month",
    "card.exp_year",
    "card.country",
    "card.funding",
    "card.fingerprint",
    "card.iin",
    "card.issuer",
];

const FILE: &[&str] = &["purpose", "size", "type", "expires_at"];
const BALANCE: &[&str] = &[
    "livemode",
    "available",
    "pending",
    "connect_reserved",
    "instant_available",
    "issuing",
    "refund_and_dispute_prefunding",
];
const SOURCE: &[&str] = &[
    "livemode",
    "type",
    "status",
    "flow",
    "usage",
    "amount",
    "currency",
    "customer",
    "card.brand",
    "card.last4",
    "card.exp_month",
    "card.exp_year",
    "card.country",
    "card.funding",
    "card.fingerprint",
    "card.iin",
    "card.issuer",
    "sepa_debit.bank_code",
    "sepa_debit.country",
    "sepa_debit.last4",
    "sepa_debit.fingerprint",
    "ach_debit.bank_name",
    "ach_debit.country",
    "ach_debit.last4",
    "ach_debit.fingerprint",
    "bancontact.bank_name",
    "giropay.bank_code",
    "ideal.bank",
    "p24.reference",
];
const TOKEN: &[&str] = &[
    "livemode",
    "type",
    "used",
    "card.brand",
    "card.last4",
    "card.exp_month",
    "card.exp_year",
    "card.country",
    "card.funding",
    "card.fingerprint",
    "bank_account.bank_name",
    "bank_account.country",
    "bank_account.last4",
    "bank_account.fingerprint",
];

/// The kind of a resource at Stripe, and the fields that are kept of it; none for what has a place of its own, or none.
fn kept(resource: Resource) -> Option<(&'static str, &'static [&'static str])> {
    Some(match resource {
        Resource::Payouts => ("payout", PAYOUT),
        Resource::Transfers => ("transfer", TRANSFER),
        Resource::Products => ("product", PRODUCT),
        Resource::Subscriptions => ("subscription", SUBSCRIPTION),
        Resource::CreditNotes => ("credit_note", CREDIT_NOTE),
        Resource::SetupIntents => ("setup_intent", SETUP_INTENT),
        Resource::PaymentMethods => ("payment_method", PAYMENT_METHOD),
        Resource::Files => ("file", FILE),
        Resource::Balance => ("balance", BALANCE),
        Resource::Sources => ("source", SOURCE),
        Resource::Tokens => ("token", TOKEN),
        _ => return None,
    })
}

/// The object's row. Names, addresses, client secrets and links are left out, since they are not in the lists above.
pub(in crate::domain) fn kept_row(
    origin: PageOrigin,
    resource: Resource,
    raw: &RawObject,
) -> Result<StripeObjectRow, Unintelligible> {
    let unknown = |reason: &str| Unintelligible {
        reason: reason.to_owned(),
    };
    let (kind, fields) =
        kept(resource).ok_or_else(|| unknown("this version has no place for the resource"))?;
    let object: Map<String, Value> = raw.parse()?;
    // The balance is one, and has been since ever.
    let is_balance = resource == Resource::Balance;
    let own_name = || is_balance.then(|| kind.to_owned());
    let ever = || is_balance.then_some(0);
    let id = raw
        .id()
        .or_else(own_name)
        .ok_or_else(|| unknown("the object has no id"))?;
    let created = raw
        .created()
        .or_else(ever)
        .ok_or_else(|| unknown("missing field `created`"))?;
    Ok(StripeObjectRow {
        id: StripeObjectId::of(origin.connection, &id).0,
        workspace_id: origin.workspace.0,
        connection_id: origin.connection.0,
        kind: kind.to_owned(),
        stripe_id: id,
        body: pick(&object, fields),
        created_at: at(created)?,
        observed_at: origin.observed_at,
    })
}

/// The named fields that are there; a dot leads into an object. Card numbers in texts are masked.
pub(in crate::domain) fn pick(object: &Map<String, Value>, fields: &[&str]) -> Value {
    let mut kept = Map::new();
    for field in fields {
        if let Some((outer, inner)) = field.split_once('.') {
            let found = object.get(outer).and_then(|nested| nested.get(inner));
            if let Some(value) = found {
                let nested = kept
                    .entry(outer)
                    .or_insert_with(|| Value::Object(Map::new()));
                nested[inner] = masked(value);
            }
        } else if let Some(value) = object.get(*field) {
            kept.insert((*field).to_owned(), masked(value));
        }
    }
    Value::Object(kept)
}

/// A value with the card numbers in its texts masked, however deep they are.
pub(in crate::domain) fn masked(value: &Value) -> Value {
    match value {
        Value::String(text) => mask(text).into(),
        Value::Array(values) => values.iter().map(masked).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), masked(value)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ConnectionId, WorkspaceId};

    fn row(resource: Resource, object: &Value) -> Result<StripeObjectRow, Unintelligible> {
        let origin = PageOrigin {
            workspace: WorkspaceId(Uuid::nil()),
            connection: ConnectionId(Uuid::nil()),
            observed_at: DateTime::<Utc>::UNIX_EPOCH,
        };
        let raw = RawObject::read(object.to_string().into_bytes()).unwrap();
        kept_row(origin, resource, &raw)
    }

    #[test]
    fn only_named_fields_are_kept() {
        let method = json!({
            "id": "pm_1", "object": "payment_method", "created": 7, "type": "card", "client_secret": "x",
            "billing_details": { "name": "Jenny Rosen" },
            "card": { "brand": "visa", "last4": "4242", "checks": {} },
        });
        let row = row(Resource::PaymentMethods, &method).unwrap();

        assert_eq!(
            row.body,
            json!({ "type": "card", "card": { "brand": "visa", "last4": "4242" } })
        );
    }

    #[test]
    fn neither_titles_nor_addresses_of_files_are_kept() {
        let file = json!({
            "id": "file_1", "object": "file", "created": 7, "purpose": "dispute_evidence", "size": 9, "type": "pdf",
            "filename": "jenny.pdf", "title": "Jenny Rosen", "url": "https://files.stripe.com/v1/files/file_1/contents",
            "links": { "object": "list", "data": [], "has_more": true, "url": "/v1/file_links?file=file_1" },
        });
        let row = row(Resource::Files, &file).unwrap();

        assert_eq!(
            row.body,
            json!({ "purpose": "dispute_evidence", "size": 9, "type": "pdf" })
        );
    }

    #[test]
    fn the_balance_has_a_name_of_its_own() {
        let balance = json!({ "object": "balance", "available": [], "livemode": false });

        assert_eq!(
            row(Resource::Balance, &balance).unwrap().stripe_id,
            "balance"
        );
    }

    #[test]
    fn card_numbers_are_masked_however_deep_they_are() {
        let items = json!({ "data": [{ "metadata": { "memo": "card 4242 4242 4242 4242" } }] });
        let subscription = json!({ "id": "sub_1", "created": 7, "items": items });
        let text = row(Resource::Subscriptions, &subscription)
            .unwrap()
            .body
            .to_string();

        assert!(!text.contains("4242 4242 4242 4242"), "{text}");
    }

    #[test]
    fn what_has_no_id_or_time_is_not_understood() {
        assert!(row(Resource::Payouts, &json!({ "id": "po_1" })).is_err());
        assert!(row(Resource::Payouts, &json!({ "created": 7 })).is_err());
        assert!(row(Resource::Events, &json!({ "id": "evt_1", "created": 7 })).is_err());
    }
}
