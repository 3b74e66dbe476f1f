//! The objects of what happens while the sandbox runs, from the same builders as the history.

use serde::Serialize;
use serde_json::{Map, Value};

use super::balance::{BalanceTransaction, Movement};
use super::buyer::Buyer;
use super::charge::{Attempt, Charge};
use super::dispute::{self, Disputed};
use super::intent::Intent;
use super::method::{Method, details};
use super::outcome::{Decline, Outcome};
use super::refund::{self, Refunded};
use super::world::World;
use super::{Currency, settlement_currency, text};
use crate::account::{AccountSpec, Entry};
use crate::resource::Resource;

const DAY: i64 = 86_400;
const BUYERS: usize = 40;

/// Makes new objects of an account; movements of the balance are kept until they are taken.
pub(crate) struct Maker {
    world: World,
    buyers: Vec<Buyer>,
}

/// A payment to be made.
#[derive(Default)]
pub(crate) struct Order {
    pub(crate) amount: Option<i64>,
    pub(crate) currency: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Map<String, Value>,
    /// The customer, where one is known already.
    pub(crate) customer: Option<String>,
}

/// How an attempt to pay ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Captured,
    Held,
    Declined,
    /// A debit on its way.
    Pending,
}

/// An attempt and the intent that it belongs to, before and after.
pub(crate) struct Attempted {
    pub(crate) before: Value,
    pub(crate) after: Value,
    pub(crate) charge: Value,
}

impl Maker {
    pub(crate) fn new(spec: &AccountSpec, account: &str) -> Self {
        let settlement = Currency::of(settlement_currency(&spec.country));
        Self {
            world: World::live(spec, account, settlement),
            buyers: Vec::new(),
        }
    }

    /// Goes on from this second.
    pub(crate) fn at(&mut self, now: i64) -> &mut Self {
        self.world.now = now;
        self
    }

    /// An id of this kind.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.world.ids.make(&mut self.world.dice, prefix)
    }

    /// The movements made since the last time.
    pub(crate) fn take(&mut self) -> Vec<(Resource, Entry)> {
        self.world.take()
    }

    pub(crate) fn knows_currency(code: &str) -> bool {
        Currency::find(code).is_some()
    }

    /// Attempts a payment with an intent of this id.
    pub(crate) fn attempt(&mut self, intent: String, order: Order, ending: Ending) -> Attempted {
        let buyer = self.buyer(&order, ending);
        let world = &mut self.world;
        let amount = order
            .amount
            .unwrap_or_else(|| buyer.currency.price(&mut world.dice));
        let mut wish = Intent::new(intent, amount, world.now, &buyer, world.livemode);
        wish.description = order.description;
        wish.metadata = order.metadata;
        let before = value(&wish);
        let charge = charge(world, &buyer, &wish, amount, ending);
        wish.follow(&charge, &buyer);
        Attempted {
            before,
            after: value(&wish),
            charge: value(&charge),
        }
    }

    /// The movement of a captured charge, fee taken off.
    pub(crate) fn settle(&mut self, charge: &Value) -> String {
        let kind = if charge["payment_method_details"]["type"] == "card" {
            "charge"
        } else {
            "payment"
        };
        let transaction = self.movement(charge, 1, kind, "charge");
        self.world.book(transaction.with_processing_fee(false))
    }

    /// The movement of a debit that the bank took back.
    pub(crate) fn take_back(&mut self, charge: &Value) -> String {
        let movement = self.movement(charge, -1, "payment_failure_refund", "charge_failure");
        self.world.book(movement)
    }

    /// A refund of a part of a charge.
    pub(crate) fn refund(&mut self, charge: &Value, amount: i64, status: &'static str) -> Value {
        let charge = refunded(charge);
        value(&refund::make(&mut self.world, &charge, amount, status))
    }

    /// The refund that releases an authorisation.
    pub(crate) fn release(&mut self, charge: &Value) -> Value {
        let amount = charge["amount"].as_i64().unwrap_or_default();
        let (charge, now) = (refunded(charge), self.world.now);
        value(&refund::released(&mut self.world, &charge, amount, now))
    }

    /// Gives the money of a failed refund back to the account.
    pub(crate) fn fail_refund(&mut self, refund: &Value) -> String {
        let movement = self.movement(refund, 1, "refund_failure", "refund_failure");
        self.world.book(movement)
    }

    /// A dispute that took the money away.
    pub(crate) fn dispute(&mut self, charge: &Value) -> Value {
        let (now, status) = (self.world.now, Some("needs_response"));
        let made = dispute::make(&mut self.world, &disputed(charge), status, now);
        value(&made)
    }

    /// The movement that gives disputed money back.
    pub(crate) fn reinstate(&mut self, charge: &Value, dispute: &str, amount: i64) -> Value {
        let now = self.world.now;
        let charge = disputed(charge);
        value(&dispute::movement(
            &mut self.world,
            &charge,
            dispute,
            amount,
            now,
        ))
    }

    fn buyer(&mut self, order: &Order, ending: Ending) -> Buyer {
        let world = &mut self.world;
        while self.buyers.len() < BUYERS {
            let buyer = Buyer::new(&mut world.dice, &world.ids, world.has_bank_names);
            self.buyers.push(buyer);
        }
        let mut buyer = world.dice.pick(&self.buyers).clone();
        let debit = (ending == Ending::Pending).then_some("usd");
        if let Some(code) = order.currency.as_deref().or(debit) {
            buyer.currency = Currency::of(code);
        }
        if order.customer.is_some() {
            buyer.customer.clone_from(&order.customer);
        }
        buyer
    }

    fn movement(
        &mut self,
        object: &Value,
        sign: i64,
        kind: &'static str,
        category: &'static str,
    ) -> BalanceTransaction {
        let amount = &object["amount_captured"];
        let amount = amount.as_i64().or_else(|| object["amount"].as_i64());
        let movement = Movement {
            id: self.id("txn"),
            source: text_of(object, "id").unwrap_or_default(),
            amount: sign * amount.unwrap_or_default(),
            currency: currency(object),
            created: self.world.now,
            kind,
            category,
            description: text_of(object, "description").map(str::to_owned),
        };
        BalanceTransaction::new(movement, self.world.settlement, self.world.now)
    }
}

fn charge(
    world: &mut World,
    buyer: &Buyer,
    intent: &Intent,
    amount: i64,
    ending: Ending,
) -> Charge {
    let is_debit = ending == Ending::Pending;
    let method = match (is_debit, buyer.currency.code) {
        (true, "eur") => details(&mut world.dice, "sepa_debit"),
        (true, "gbp") => details(&mut world.dice, "bacs_debit"),
        (true, _) => details(&mut world.dice, "us_bank_account"),
        (false, _) => {
            let authorized = ending != Ending::Declined;
            let details = buyer.card.details(&mut world.dice, amount, authorized);
            Method::Card(Box::new(details))
        }
    };
    let attempt = Attempt {
        id: world
            .ids
            .make(&mut world.dice, if is_debit { "py" } else { "ch" }),
        amount,
        created: world.now,
        livemode: world.livemode,
        buyer,
        intent: Some(intent.id.clone()),
        method,
        description: intent.description.clone(),
        metadata: intent.metadata.clone(),
    };
    if ending == Ending::Declined {
        let decline = Decline::any(&mut world.dice);
        let outcome = Outcome::declined(&mut world.dice, &decline);
        return Charge::succeeded(attempt, outcome).failed(decline.failure, decline.message);
    }
    let outcome = Outcome::authorized(&mut world.dice, !is_debit);
    let charge = Charge::succeeded(attempt, outcome);
    match ending {
        Ending::Held => charge.uncaptured(world.now + 7 * DAY),
        Ending::Pending => charge.pending(),
        Ending::Captured | Ending::Declined => charge,
    }
}

fn refunded(charge: &Value) -> Refunded<'_> {
    Refunded {
        charge: text_of(charge, "id").unwrap_or_default(),
        currency: currency(charge).code,
        intent: text_of(charge, "payment_intent"),
        kind: text_of(&charge["payment_method_details"], "type").unwrap_or("card"),
        description: text_of(charge, "description"),
    }
}

fn disputed(charge: &Value) -> Disputed<'_> {
    Disputed {
        charge: text_of(charge, "id").unwrap_or_default(),
        amount: charge["amount_captured"].as_i64().unwrap_or_default(),
        currency: currency(charge).code,
        intent: text_of(charge, "payment_intent"),
        brand: text_of(&charge["payment_method_details"]["card"], "brand"),
    }
}

fn currency(object: &Value) -> Currency {
    Currency::of(text_of(object, "currency").unwrap_or_default())
}

fn text_of<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object[field].as_str()
}

/// Built objects have text keys only, so they always serialize.
fn value(object: &impl Serialize) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}

impl Order {
    /// What merchants usually write on a payment, where nothing was said.
    pub(crate) fn described(mut self, maker: &mut Maker) -> Self {
        let dice = &mut maker.world.dice;
        if self.description.is_none() {
            self.description = text::description(dice);
        }
        if self.metadata.is_empty() {
            self.metadata = text::metadata(dice);
        }
        self
    }
}
