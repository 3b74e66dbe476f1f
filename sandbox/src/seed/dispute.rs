//! Disputes.

use serde::Serialize;
use serde_json::{Value, json};

use super::Currency;
use super::balance::{BalanceTransaction, Movement};
use super::charge::Charge;
use super::world::World;
use crate::resource::Resource;

const DAY: i64 = 86_400;

/// A dispute, its movements written out in it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Dispute {
    pub(super) id: String,
    object: &'static str,
    amount: i64,
    balance_transactions: Vec<BalanceTransaction>,
    charge: String,
    created: i64,
    currency: &'static str,
    enhanced_eligibility_types: Vec<&'static str>,
    evidence: Value,
    evidence_details: Value,
    is_charge_refundable: bool,
    livemode: bool,
    metadata: Value,
    network_reason_code: Option<&'static str>,
    payment_intent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method_details: Option<Value>,
    reason: &'static str,
    status: &'static str,
}

const STATUSES: [(u32, &str); 8] = [
    (35, "lost"),
    (25, "won"),
    (12, "needs_response"),
    (10, "under_review"),
    (6, "warning_closed"),
    (4, "warning_needs_response"),
    (4, "warning_under_review"),
    (4, "prevented"),
];

const REASONS: [(u32, (&str, &str)); 15] = [
    (40, ("fraudulent", "10.4")),
    (14, ("product_not_received", "13.1")),
    (10, ("subscription_canceled", "13.2")),
    (8, ("product_unacceptable", "13.3")),
    (7, ("unrecognized", "4863")),
    (6, ("credit_not_processed", "13.6")),
    (5, ("duplicate", "12.6")),
    (4, ("general", "4853")),
    (1, ("bank_cannot_process", "12.7")),
    (1, ("check_returned", "R09")),
    (1, ("customer_initiated", "R10")),
    (1, ("debit_not_authorized", "R29")),
    (1, ("incorrect_account_details", "R03")),
    (1, ("insufficient_funds", "R01")),
    (1, ("noncompliant", "98")),
];

/// What a dispute takes over from its charge.
pub(super) struct Disputed<'a> {
    pub(super) charge: &'a str,
    pub(super) amount: i64,
    pub(super) currency: &'static str,
    pub(super) intent: Option<&'a str>,
    pub(super) brand: Option<&'a str>,
}

/// Disputes a captured charge, seldom and very seldom twice.
pub(super) fn dispute_some(world: &mut World, charge: &mut Charge) {
    let times = world.dice.weighted(&[(9_850, 0), (145, 1), (5, 2)]);
    for _ in 0..times {
        let created = charge.created + world.dice.between(DAY..=75 * DAY);
        if created < world.now {
            dispute(world, charge, created);
        }
    }
}

fn dispute(world: &mut World, charge: &mut Charge, created: i64) {
    let disputed = Disputed {
        charge: &charge.id,
        amount: charge.amount_captured,
        currency: charge.currency,
        intent: charge.payment_intent.as_deref(),
        brand: charge.payment_method_details.brand(),
    };
    let dispute = make(world, &disputed, None, created);
    charge.disputed = true;
    world.store(Resource::Dispute, &dispute.id, created, &dispute);
}

/// Makes a dispute in this state, or in any.
pub(super) fn make(
    world: &mut World,
    charge: &Disputed<'_>,
    status: Option<&'static str>,
    created: i64,
) -> Dispute {
    let id = world.ids.make(&mut world.dice, "du");
    let status = status.unwrap_or_else(|| world.dice.weighted(&STATUSES));
    let (reason, code) = world.dice.weighted(&REASONS);
    let mut movements = Vec::new();
    if matches!(status, "lost" | "won" | "needs_response" | "under_review") {
        movements.push(movement(world, charge, &id, -charge.amount, created));
    }
    if status == "won" {
        let back = created + 20 * DAY;
        movements.push(movement(world, charge, &id, charge.amount, back));
    }
    let is_over = matches!(status, "lost" | "won" | "warning_closed" | "prevented");
    Dispute {
        id,
        object: "dispute",
        amount: charge.amount,
        balance_transactions: movements,
        charge: charge.charge.to_owned(),
        created,
        currency: charge.currency,
        enhanced_eligibility_types: Vec::new(),
        evidence: evidence(),
        evidence_details: json!({
            "due_by": if is_over { None } else { Some(created + 9 * DAY) },
            "enhanced_eligibility": {},
            "has_evidence": status == "won" || status == "under_review",
            "past_due": false,
            "submission_count": i64::from(status == "won" || status == "under_review")
        }),
        is_charge_refundable: status.starts_with("warning"),
        livemode: world.livemode,
        metadata: json!({}),
        network_reason_code: Some(code),
        payment_intent: charge.intent.map(str::to_owned),
        payment_method_details: charge.brand.map(|brand| details(brand, status, code)),
        reason,
        status,
    }
}

/// Takes the disputed money away, or gives it back.
pub(super) fn movement(
    world: &mut World,
    charge: &Disputed<'_>,
    dispute: &str,
    amount: i64,
    created: i64,
) -> BalanceTransaction {
    let (what, category, fee, fee_name) = if amount < 0 {
        ("withdrawal", "dispute", 1_500, "Dispute fee")
    } else {
        (
            "reversal",
            "dispute_reversal",
            -1_500,
            "Dispute fee reversal",
        )
    };
    let movement = Movement {
        id: world.ids.make(&mut world.dice, "txn"),
        source: dispute,
        amount,
        currency: Currency::of(charge.currency),
        created,
        kind: "adjustment",
        category,
        description: Some(format!("Chargeback {what} for {}", charge.charge)),
    };
    let transaction = BalanceTransaction::new(movement, world.settlement, world.now).with_fee(
        fee,
        fee_name,
        "stripe_fee",
    );
    world.book(transaction.clone());
    transaction
}

fn details(brand: &str, status: &str, code: &str) -> Value {
    let case = if status.starts_with("warning") {
        "inquiry"
    } else {
        "chargeback"
    };
    json!({
        "card": {"brand": brand, "case_type": case, "network": brand, "network_reason_code": code},
        "type": "card"
    })
}

fn evidence() -> Value {
    json!({
        "access_activity_log": null, "billing_address": null, "cancellation_policy": null,
        "cancellation_policy_disclosure": null, "cancellation_rebuttal": null, "customer_communication": null,
        "customer_email_address": "jenny.rosen@example.com", "customer_name": "Jenny Rosen",
        "customer_purchase_ip": "203.0.113.9", "customer_signature": null, "duplicate_charge_documentation": null,
        "duplicate_charge_explanation": null, "duplicate_charge_id": null, "enhanced_evidence": {},
        "product_description": null, "receipt": null, "refund_policy": null, "refund_policy_disclosure": null,
        "refund_refusal_explanation": null, "service_date": null, "service_documentation": null,
        "shipping_address": null, "shipping_carrier": null, "shipping_date": null, "shipping_documentation": null,
        "shipping_tracking_number": null, "uncategorized_file": null, "uncategorized_text": null
    })
}
