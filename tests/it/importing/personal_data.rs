//! What tells who a buyer is stays at Stripe.

use std::collections::BTreeSet;

use sandbox::{AccountSpec, Resource};
use serde_json::Value;
use tests::on_every_backend;

use super::support::Tables;

/// The buyer's own words in a charge: names, addresses, numbers.
fn personal(charge: &Value) -> Vec<&str> {
    let billing = &charge["billing_details"];
    let shipping = &charge["shipping"];
    let fields = [
        &billing["name"],
        &billing["email"],
        &billing["phone"],
        &billing["tax_id"],
        &billing["address"]["line1"],
        &billing["address"]["line2"],
        &billing["address"]["city"],
        &shipping["name"],
        &shipping["phone"],
        &shipping["address"]["line1"],
        &charge["receipt_email"],
        &charge["receipt_url"],
    ];
    // Shorter ones may be part of anything.
    fields
        .into_iter()
        .filter_map(Value::as_str)
        .filter(|text| text.chars().count() >= 6)
        .collect()
}

on_every_backend! {
    async fn names_addresses_and_numbers_of_buyers_are_in_no_table(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(400));
        let ids = world.stripe.ledger(&account).charge_ids;
        let read = |id: &String| world.stripe.object(&account, Resource::Charge, id).unwrap();
        let charges: Vec<_> = ids.iter().map(read).collect();

        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        let everything = Tables::open(&world.database_url()).await.everything().await;

        let words: BTreeSet<_> = charges.iter().flat_map(personal).collect();
        let found: Vec<_> = words.iter().filter(|word| everything.contains(**word)).collect();
        assert!(words.len() > 200, "{} words show too little", words.len());
        assert!(found.is_empty(), "{} of {} are stored: {found:?}", found.len(), words.len());
        assert!(charges.iter().all(|charge| everything.contains(charge["id"].as_str().unwrap())));
        assert!(!everything.contains(&key), "the key is stored in plain text");
    }
}
