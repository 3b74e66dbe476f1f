//! Refunds, and how many a charge gets.

use serde::Serialize;
use serde_json::{Value, json};

use super::balance::{BalanceTransaction, Movement};
use super::charge::Charge;
use super::currency::share;
use super::world::World;
use super::{Currency, Dice};
use crate::resource::Resource;

const DAY: i64 = 86_400;

/// A refund; some fields are absent rather than null.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Refund {
    pub(super) id: String,
    object: &'static str,
    amount: i64,
    balance_transaction: Option<String>,
    charge: String,
    created: i64,
    currency: &'static str,
    customer: Option<String>,
    customer_account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_details: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_balance_transaction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'static str>,
    metadata: Value,
    payment_intent: Option<String>,
    payment_method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_reason: Option<&'static str>,
    reason: Option<&'static str>,
    receipt_number: Option<String>,
    source_transfer_reversal: Option<String>,
    status: &'static str,
    transfer_reversal: Option<String>,
}

/// What a refund takes over from its charge.
pub(super) struct Refunded<'a> {
    pub(super) charge: &'a str,
    pub(super) currency: &'static str,
    pub(super) intent: Option<&'a str>,
    /// The way of payment.
    pub(super) kind: &'a str,
    pub(super) description: Option<&'a str>,
}

impl<'a> Refunded<'a> {
    fn of(charge: &'a Charge) -> Self {
        Self {
            charge: &charge.id,
            currency: charge.currency,
            intent: charge.payment_intent.as_deref(),
            kind: charge.payment_method_details.kind(),
            description: charge.description.as_deref(),
        }
    }
}

/// Refunds a captured charge: mostly not at all, sometimes more than ten times.
pub(super) fn refund_some(world: &mut World, charge: &mut Charge) {
    let parts = world
        .dice
        .weighted(&[(900, 0), (55, 1), (33, 2), (7, 3), (4, 5), (1, 13)]);
    if parts == 0 || charge.amount_captured < parts {
        return;
    }
    let everything = parts == 1 || world.dice.chance(0.2);
    let whole = if everything {
        charge.amount_captured
    } else {
        share(charge.amount_captured, 0.6).max(parts)
    };
    let mut left = whole;
    for part in 0..parts {
        let created = charge.created + world.dice.between(600..=45 * DAY);
        let amount = if part + 1 == parts {
            left
        } else {
            whole / parts
        };
        if created >= world.now || amount == 0 {
            break;
        }
        left -= amount;
        if refund(world, charge, amount, created) {
            charge.amount_refunded += amount;
        }
    }
    charge.refunded = charge.amount_refunded == charge.amount;
}

/// Releases an authorisation, which Stripe writes down as a refund without a movement.
pub(super) fn release(world: &mut World, charge: &mut Charge, created: i64) {
    let refund = released(world, &Refunded::of(charge), charge.amount, created);
    world.store(Resource::Refund, &refund.id, created, &refund);
    charge.amount_refunded = charge.amount;
    charge.refunded = true;
}

/// The refund of a released authorisation.
pub(super) fn released(
    world: &mut World,
    charge: &Refunded<'_>,
    amount: i64,
    created: i64,
) -> Refund {
    let id = world.ids.make(&mut world.dice, "re");
    Refund {
        reason: Some("expired_uncaptured_charge"),
        ..blank(charge, id, amount, created)
    }
}

/// Makes one refund and tells whether its amount counts as refunded.
fn refund(world: &mut World, charge: &Charge, amount: i64, created: i64) -> bool {
    let id = world.ids.make(
        &mut world.dice,
        if charge.payment_method_details.is_card() {
            "re"
        } else {
            "pyr"
        },
    );
    let charge = Refunded::of(charge);
    let mut refund = blank(&charge, id, amount, created);
    let dice = &mut world.dice;
    refund.reason = dice.weighted(&[
        (40, Some("requested_by_customer")),
        (10, Some("duplicate")),
        (5, Some("fraudulent")),
        (45, None),
    ]);
    refund.status = dice.weighted(&[
        (940, "succeeded"),
        (30, "pending"),
        (15, "failed"),
        (8, "canceled"),
        (7, "requires_action"),
    ]);
    move_money(world, &charge, &mut refund);
    world.store(Resource::Refund, &refund.id, created, &refund);
    matches!(refund.status, "succeeded" | "pending" | "requires_action")
}

/// Makes a refund that went through, or is on its way.
pub(super) fn make(
    world: &mut World,
    charge: &Refunded<'_>,
    amount: i64,
    status: &'static str,
) -> Refund {
    let prefix = if charge.kind == "card" { "re" } else { "pyr" };
    let id = world.ids.make(&mut world.dice, prefix);
    let mut refund = blank(charge, id, amount, world.now);
    refund.reason = Some("requested_by_customer");
    refund.status = status;
    move_money(world, charge, &mut refund);
    refund
}

/// Writes down where the money of a refund goes, and the movements for it.
fn move_money(world: &mut World, charge: &Refunded<'_>, refund: &mut Refund) {
    let (amount, created) = (refund.amount, refund.created);
    refund.destination_details = Some(destination(&mut world.dice, charge.kind, refund.status));
    match refund.status {
        "pending" => refund.pending_reason = Some("processing"),
        "failed" => refund.failure_reason = Some("lost_or_stolen_card"),
        _ => {}
    }
    if matches!(refund.status, "succeeded" | "pending" | "failed") {
        let description = charge
            .description
            .map(|text| format!("REFUND FOR CHARGE ({text})"));
        let kinds = if charge.kind == "card" {
            "refund"
        } else {
            "payment_refund"
        };
        refund.balance_transaction = Some(book(
            world,
            refund,
            -amount,
            created,
            kinds,
            "refund",
            description,
        ));
    }
    if refund.status == "failed" {
        let back = book(
            world,
            refund,
            amount,
            created + DAY,
            "refund_failure",
            "refund_failure",
            None,
        );
        refund.failure_balance_transaction = Some(back);
    }
}

fn book(
    world: &mut World,
    refund: &Refund,
    amount: i64,
    created: i64,
    kind: &'static str,
    category: &'static str,
    description: Option<String>,
) -> String {
    let id = world.ids.make(&mut world.dice, "txn");
    let currency = Currency::of(refund.currency);
    let movement = Movement {
        id,
        source: &refund.id,
        amount,
        currency,
        created,
        kind,
        category,
        description,
    };
    world.book(BalanceTransaction::new(
        movement,
        world.settlement,
        world.now,
    ))
}

fn destination(dice: &mut Dice, kind: &str, status: &str) -> Value {
    match kind {
        "card" if status == "succeeded" => json!({
            "card": {
                "reference": dice.digits(23), "reference_status": "available",
                "reference_type": "acquirer_reference_number", "type": "refund"
            },
            "type": "card"
        }),
        "card" => {
            json!({"card": {"reference_status": "unavailable", "type": "refund"}, "type": "card"})
        }
        "us_bank_account" => json!({
            "type": "us_bank_transfer", "us_bank_transfer": {"reference": null, "reference_status": "pending"}
        }),
        "sepa_debit" | "ideal" | "bancontact" => json!({
            "eu_bank_transfer": {"reference": null, "reference_status": "pending"}, "type": "eu_bank_transfer"
        }),
        kind @ ("klarna" | "paypal" | "affirm" | "cashapp" | "pix") => {
            json!({ (kind): {}, "type": kind })
        }
        other => json!({ "type": other }),
    }
}

fn blank(charge: &Refunded<'_>, id: String, amount: i64, created: i64) -> Refund {
    Refund {
        id,
        object: "refund",
        amount,
        balance_transaction: None,
        charge: charge.charge.to_owned(),
        created,
        currency: charge.currency,
        customer: None,
        customer_account: None,
        destination_details: None,
        failure_balance_transaction: None,
        failure_reason: None,
        metadata: json!({}),
        payment_intent: charge.intent.map(str::to_owned),
        payment_method: None,
        pending_reason: None,
        reason: None,
        receipt_number: None,
        source_transfer_reversal: None,
        status: "succeeded",
        transfer_reversal: None,
    }
}
