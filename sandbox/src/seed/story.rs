//! One payment from its intent to its last attempt, and what came of it.

use serde_json::json;

use super::balance::{BalanceTransaction, Movement};
use super::buyer::Buyer;
use super::charge::{Attempt, Charge};
use super::currency::share;
use super::dispute::dispute_some;
use super::intent::Intent;
use super::method::{Method, details, other_method};
use super::outcome::{Decline, Outcome};
use super::refund::{refund_some, release};
use super::source::pay_by_source;
use super::text;
use super::world::World;
use crate::resource::Resource;

const DAY: i64 = 86_400;

/// How an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Captured,
    Held,
    Released,
    Declined,
    Blocked,
    Pending,
    Returned,
}

/// Tells a payment of so many attempts; all but the last are declined.
pub(super) fn tell(world: &mut World, buyer: &Buyer, begin: i64, attempts: usize) {
    let amount = buyer.currency.price(&mut world.dice);
    // Very old integrations charge without an intent.
    let has_intent = attempts > 1 || world.dice.chance(0.97);
    let id = world.ids.make(&mut world.dice, "pi");
    let created = begin
        - if world.shape == super::History::OneSecond {
            0
        } else {
            world.dice.between(0..=120)
        };
    let mut intent = Intent::new(id, amount, created, buyer, world.livemode);
    let description = text::description(&mut world.dice);
    let metadata = text::metadata(&mut world.dice);
    let mut at = begin;
    for number in 1..=attempts {
        let method = method(world, buyer, amount, number < attempts);
        let fate = if number < attempts {
            Fate::Declined
        } else {
            fate(world, &method, at)
        };
        let prefix = if method.is_card() { "ch" } else { "py" };
        let attempt = Attempt {
            id: world.ids.make(&mut world.dice, prefix),
            amount,
            created: at,
            livemode: world.livemode,
            buyer,
            intent: has_intent.then(|| intent.id.clone()),
            method,
            description: description.clone(),
            metadata: metadata.clone(),
        };
        let mut charge = charge(world, attempt, fate, buyer);
        if !has_intent && charge.payment_method_details.is_card() {
            pay_by_source(world, &mut charge, buyer);
        }
        intent.follow(&charge, buyer);
        world.store(Resource::Charge, &charge.id, charge.created, &charge);
        at = (at + world.shape.retry_delay(&mut world.dice))
            .min(world.now - 1)
            .max(at);
    }
    if has_intent {
        world.store(Resource::PaymentIntent, &intent.id, intent.created, &intent);
    }
}

/// Tells of an intent that never came to a charge.
pub(super) fn tell_abandoned(world: &mut World, buyer: &Buyer, created: i64) {
    let amount = buyer.currency.price(&mut world.dice);
    let id = world.ids.make(&mut world.dice, "pi");
    let mut intent = Intent::new(id, amount, created, buyer, world.livemode);
    intent.description = text::description(&mut world.dice);
    intent.status = world.dice.weighted(&[
        (60, "requires_payment_method"),
        (15, "requires_action"),
        (5, "requires_confirmation"),
        (20, "canceled"),
    ]);
    match intent.status {
        "requires_action" => {
            intent.payment_method = Some(buyer.payment_method.clone());
            intent.next_action = Some(
                json!({"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}),
            );
        }
        "canceled" => {
            intent.canceled_at = Some(created + DAY);
            intent.cancellation_reason = Some("abandoned");
        }
        _ => {}
    }
    world.store(Resource::PaymentIntent, &intent.id, created, &intent);
}

fn method(world: &mut World, buyer: &Buyer, amount: i64, must_be_card: bool) -> Method {
    let other = other_method(&mut world.dice, buyer.currency.code).filter(|_| !must_be_card);
    match other {
        Some(kind) => details(&mut world.dice, kind),
        None => Method::Card(Box::new(buyer.card.details(
            &mut world.dice,
            amount,
            !must_be_card,
        ))),
    }
}

fn fate(world: &mut World, method: &Method, at: i64) -> Fate {
    let age = world.now - at;
    if method.is_debit() {
        let is_underway = age < 4 * DAY || world.dice.chance(0.03);
        return if is_underway {
            Fate::Pending
        } else {
            world
                .dice
                .weighted(&[(93, Fate::Captured), (7, Fate::Returned)])
        };
    }
    if !method.is_card() {
        return Fate::Captured;
    }
    let fate = world.dice.weighted(&[
        (885, Fate::Captured),
        (62, Fate::Declined),
        (13, Fate::Blocked),
        (40, Fate::Held),
    ]);
    // Authorisations last a week, with extended ones a month or so.
    let is_still_held = age < 7 * DAY || world.dice.chance(0.1);
    if fate == Fate::Held && !is_still_held {
        Fate::Released
    } else {
        fate
    }
}

fn charge(world: &mut World, attempt: Attempt<'_>, fate: Fate, buyer: &Buyer) -> Charge {
    let is_card = attempt.method.is_card();
    let approved = Outcome::authorized(&mut world.dice, is_card);
    match fate {
        Fate::Captured => captured(world, Charge::succeeded(attempt, approved), buyer),
        Fate::Pending => Charge::succeeded(attempt, approved).pending(),
        Fate::Held => {
            let until = attempt.created + 7 * DAY;
            Charge::succeeded(attempt, approved).uncaptured(until)
        }
        Fate::Released => {
            let until = attempt.created + 7 * DAY;
            let mut charge = Charge::succeeded(attempt, approved).uncaptured(until);
            release(world, &mut charge, until.min(world.now - 1));
            charge
        }
        Fate::Declined => {
            let decline = Decline::any(&mut world.dice);
            let outcome = Outcome::declined(&mut world.dice, &decline);
            Charge::succeeded(attempt, outcome).failed(decline.failure, decline.message)
        }
        Fate::Blocked => {
            let outcome = Outcome::blocked(&mut world.dice);
            Charge::succeeded(attempt, outcome).failed("card_declined", "Your card was declined.")
        }
        Fate::Returned => {
            let mut charge = Charge::succeeded(attempt, approved);
            charge.balance_transaction = Some(book_payment(world, &charge, buyer));
            let back = book_return(world, &charge, buyer);
            charge.returned(back)
        }
    }
}

/// What comes after a capture: the movement, refunds and disputes.
fn captured(world: &mut World, mut charge: Charge, buyer: &Buyer) -> Charge {
    if charge.payment_method_details.is_card() && world.dice.chance(0.01) {
        charge.amount_captured = share(charge.amount, 0.8).max(1);
    }
    if world.dice.chance(0.03) {
        charge.presentment_details =
            Some(json!({"presentment_amount": charge.amount, "presentment_currency": "chf"}));
    }
    if world.dice.chance(0.1) {
        charge.shipping = Some(json!({
            "address": buyer.billing.address, "carrier": null, "name": buyer.billing.name.as_deref().unwrap_or("Guest"),
            "phone": null, "tracking_number": null
        }));
    }
    // Captures are booked asynchronously: the youngest have no movement yet.
    if world.now - charge.created < 3_600 || world.dice.chance(0.002) {
        return charge;
    }
    charge.balance_transaction = Some(book_payment(world, &charge, buyer));
    refund_some(world, &mut charge);
    if charge.payment_method_details.is_card() {
        dispute_some(world, &mut charge);
    }
    charge
}

fn book_payment(world: &mut World, charge: &Charge, buyer: &Buyer) -> String {
    let kind = if charge.payment_method_details.is_card() {
        "charge"
    } else {
        "payment"
    };
    let movement = Movement {
        id: world.ids.make(&mut world.dice, "txn"),
        source: &charge.id,
        amount: charge.amount_captured,
        currency: buyer.currency,
        created: charge.created,
        kind,
        category: "charge",
        description: charge.description.clone(),
    };
    let has_tax = buyer.currency.code == "mxn" || world.dice.chance(0.02);
    let transaction = BalanceTransaction::new(movement, world.settlement, world.now);
    world.book(transaction.with_processing_fee(has_tax))
}

fn book_return(world: &mut World, charge: &Charge, buyer: &Buyer) -> String {
    let movement = Movement {
        id: world.ids.make(&mut world.dice, "txn"),
        source: &charge.id,
        amount: -charge.amount_captured,
        currency: buyer.currency,
        created: charge.created + 4 * DAY,
        kind: "payment_failure_refund",
        category: "charge_failure",
        description: None,
    };
    world.book(BalanceTransaction::new(
        movement,
        world.settlement,
        world.now,
    ))
}
