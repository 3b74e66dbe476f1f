//! Payouts: what became available since the last one, sent to the bank.

use std::sync::Arc;

use serde_json::json;

use super::balance::{BalanceTransaction, Movement};
use super::world::{Booked, World};
use crate::resource::Resource;

const DAY: i64 = 86_400;

/// About how many payments meet in a payout of an account with few; others are paid out daily.
const PAYMENTS: usize = 25;

/// How a payout came about, and how it ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Automatic,
    /// Asked for by the merchant: nothing tells what is in it.
    Manual,
    /// Sent back by the bank; the money goes into the next one.
    Failed,
}

/// Pays out what is available at the end of history, each movement once; the rest waits.
pub(super) fn pay_out(world: &mut World, payments: usize) {
    let now = world.now;
    let mut booked = std::mem::take(&mut world.booked);
    booked.retain(|movement| {
        let available = movement.available_on <= now;
        world.balance.1 += if available { 0 } else { movement.net };
        available
    });
    booked.sort_unstable_by_key(|movement| (movement.available_on, movement.position));
    let Some(first) = booked.first() else { return };
    let step = interval(now - first.available_on, payments);
    let mut end = day_of(first.available_on) + step;
    let mut batch = Vec::new();
    for movement in booked {
        if movement.available_on >= end {
            close(world, &mut batch, end);
            end = day_of(movement.available_on) + step;
        }
        batch.push(movement);
    }
    if end <= now {
        close(world, &mut batch, end);
    }
    world.balance.0 = batch.iter().map(|movement| movement.net).sum();
}

/// The time between two payouts, in whole days.
fn interval(span: i64, payments: usize) -> i64 {
    let payouts = i64::try_from(payments / PAYMENTS + 1).unwrap_or(i64::MAX);
    (span / payouts / DAY).max(1) * DAY
}

fn day_of(second: i64) -> i64 {
    second.div_euclid(DAY) * DAY
}

/// Sends the batch to the bank; one that comes to nothing or less waits for the next.
fn close(world: &mut World, batch: &mut Vec<Booked>, created: i64) {
    let amount: i64 = batch.iter().map(|movement| movement.net).sum();
    if amount <= 0 {
        return;
    }
    let id = world.ids.make(&mut world.dice, "po");
    let is_over = created + 2 * DAY <= world.now;
    let kind = match world.dice.index(40) {
        0 if is_over => Kind::Failed,
        1 => Kind::Manual,
        _ => Kind::Automatic,
    };
    let sent = book(world, &id, -amount, created, "payout");
    let mut returned = None;
    if kind == Kind::Failed {
        returned = Some(book(
            world,
            &id,
            amount,
            created + 20 * 3_600,
            "payout_failure",
        ));
    }
    store(
        world,
        &id,
        amount,
        created,
        kind,
        &sent.0,
        returned.as_ref().map(|back| back.0.as_str()),
    );
    if kind != Kind::Manual {
        let payout: Arc<str> = id.into();
        let inside = batch.iter().chain([&sent.1]);
        for movement in inside {
            world.link_to_payout(movement, &payout);
        }
    }
    batch.clear();
    batch.extend(returned.map(|back| back.1));
}

fn book(
    world: &mut World,
    payout: &str,
    amount: i64,
    created: i64,
    kind: &'static str,
) -> (String, Booked) {
    let movement = Movement {
        id: world.ids.make(&mut world.dice, "txn"),
        source: payout,
        amount,
        currency: world.settlement,
        created,
        kind,
        category: kind,
        description: Some("STRIPE PAYOUT".to_owned()),
    };
    let transaction = BalanceTransaction::new(movement, world.settlement, world.now);
    let id = transaction.id.clone();
    (id, world.write_down(&transaction))
}

fn store(
    world: &mut World,
    id: &str,
    amount: i64,
    created: i64,
    kind: Kind,
    sent: &str,
    returned: Option<&str>,
) {
    let arrives = created + 2 * DAY;
    let status = match kind {
        Kind::Failed => "failed",
        _ if arrives > world.now => "in_transit",
        _ => "paid",
    };
    let reconciliation = match (kind, status) {
        (Kind::Manual, _) => "not_applicable",
        (_, "in_transit") => "in_progress",
        _ => "completed",
    };
    let failure = returned.map(|_| ("account_closed", "The bank account has been closed."));
    let payout = json!({
        "id": id, "object": "payout", "amount": amount, "application_fee": null,
        "application_fee_amount": null, "arrival_date": arrives, "automatic": kind != Kind::Manual,
        "balance_transaction": sent, "created": created, "currency": world.settlement.code,
        "description": "STRIPE PAYOUT", "destination": world.bank_account,
        "failure_balance_transaction": returned, "failure_code": failure.map(|(code, _)| code),
        "failure_message": failure.map(|(_, message)| message), "livemode": world.livemode,
        "metadata": {}, "method": "standard", "original_payout": null, "payout_method": null,
        "reconciliation_status": reconciliation, "reversed_by": null, "source_type": "card",
        "statement_descriptor": null, "status": status, "trace_id": null, "type": "bank_account"
    });
    world.store(Resource::Payout, id, created, &payout);
}
