//! Fees, net amounts and the ledger, as Stripe's balance transactions say.

use std::collections::BTreeSet;

use sandbox::{AccountSpec, Resource};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::Tables;

const PAYMENTS: &str = "
    query Fees($connections: [ID!]) {
      payments(first: 100, filter: { connectionIds: $connections }) {
        nodes {
          stripeId exchangeRate
          fee { minorUnits currency } net { minorUnits currency }
        }
      }
    }";

/// What Stripe's object says in the words of the API; nulls while there is none.
fn as_stripe_says(world: &World, account: &str, id: &str) -> Value {
    let charge = world.stripe.object(account, Resource::Charge, id).unwrap();
    let Some(settled) = charge["balance_transaction"].as_str() else {
        return json!({ "stripeId": id, "exchangeRate": null, "fee": null, "net": null });
    };
    let settled = world
        .stripe
        .object(account, Resource::BalanceTransaction, settled)
        .unwrap();
    let money = |field: &str| {
        let currency = settled["currency"].as_str().unwrap().to_uppercase();
        json!({ "minorUnits": settled[field].to_string(), "currency": currency })
    };
    let rate = settled["exchange_rate"]
        .as_f64()
        .map(|rate| rate.to_string());
    json!({ "stripeId": id, "exchangeRate": rate, "fee": money("fee"), "net": money("net") })
}

on_every_backend! {
    async fn fees_and_settlement_are_those_of_stripe_s_balance_transactions(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(300));

        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        let data = world.data(PAYMENTS, json!({ "connections": [connection] })).await;

        let nodes = data["payments"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 100);
        let with = |field: &str| nodes.iter().filter(|node| !node[field].is_null()).count();
        assert!(with("fee") >= 50 && with("exchangeRate") >= 10, "the sample shows too little");
        for node in nodes {
            assert_eq!(*node, as_stripe_says(world, &account, node["stripeId"].as_str().unwrap()));
        }
    }

    async fn the_balance_transactions_are_exactly_the_ledger_s(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(2_000));

        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        let tables = Tables::open(&world.database_url()).await;
        let stored = tables.ids("balance_transactions").await;

        let ledger = world.stripe.ledger(&account);
        assert_eq!(stored.difference(&ledger.balance_transaction_ids).next(), None);
        let missing: BTreeSet<_> = ledger.balance_transaction_ids.difference(&stored).collect();
        let kinds: BTreeSet<_> = missing
            .iter()
            .filter_map(|id| world.stripe.object(&account, Resource::BalanceTransaction, id))
            .map(|object| object["type"].to_string())
            .collect();
        assert!(missing.is_empty(), "{} are missing, of the types {kinds:?}", missing.len());
    }
}
