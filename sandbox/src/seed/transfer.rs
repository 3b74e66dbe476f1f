//! Transfers to the sellers of a marketplace.

use serde_json::json;

use super::balance::{BalanceTransaction, Movement};
use super::currency::share;
use super::shop::blank;
use super::world::World;
use crate::resource::Resource;

/// How many sellers there are.
const SELLERS: usize = 12;

/// Hands a part of some payments on.
pub(super) fn transfer_some(world: &mut World, count: usize) {
    let sellers: Vec<_> = (0..SELLERS)
        .map(|_| format!("acct_1{}", world.dice.letters(15)))
        .collect();
    for _ in 0..count {
        let seller = world.dice.pick(&sellers).clone();
        transfer(world, &seller);
    }
}

fn transfer(world: &mut World, seller: &str) {
    let Some(charge) = world.any(Resource::Charge) else {
        return;
    };
    if charge["status"] != "succeeded" || charge["balance_transaction"].is_null() {
        return;
    }
    let (id, _, mut transfer) = blank(world, Resource::Transfer);
    let created = charge["created"].as_i64().unwrap_or(world.now) + 60;
    let amount = share(charge["amount_captured"].as_i64().unwrap_or_default(), 0.1).max(1);
    let movement = Movement {
        id: world.ids.make(&mut world.dice, "txn"),
        source: &id,
        amount: -amount,
        currency: world.settlement,
        created,
        kind: "transfer",
        category: "transfer",
        description: None,
    };
    let transaction = BalanceTransaction::new(movement, world.settlement, world.now);
    transfer["created"] = created.into();
    transfer["amount"] = amount.into();
    transfer["currency"] = world.settlement.code.into();
    transfer["balance_transaction"] = world.book(transaction).into();
    transfer["destination"] = seller.into();
    transfer["destination_payment"] = world.ids.make(&mut world.dice, "py").into();
    transfer["source_transaction"] = charge["id"].clone();
    transfer["transfer_group"] =
        format!("group_{}", charge["id"].as_str().unwrap_or_default()).into();
    transfer["reversals"] = json!({
        "object": "list", "data": [], "has_more": false, "url": format!("/v1/transfers/{id}/reversals")
    });
    world.store(Resource::Transfer, &id, created, &transfer);
}
