//! Importing what is already there changes nothing, but what changed at Stripe.

use sandbox::{AccountSpec, Resource};
use serde_json::json;
use tests::{on_every_backend, totals};

use super::support::{Tables, assert_exactly_the_ledger, payments, start_import};

const TABLES: [&str; 5] = [
    "payments",
    "refunds",
    "disputes",
    "balance_transactions",
    "stripe_objects",
];

async fn contents(tables: &Tables) -> Vec<Vec<String>> {
    let mut contents = Vec::new();
    for table in TABLES {
        contents.push(tables.rows(table, &["observed_at"]).await);
    }
    contents
}

on_every_backend! {
    async fn importing_again_leaves_every_row_as_it_was(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(700));
        let connection = world.connect("Shop", &key).await;
        let first = world.imported_with_payouts(&connection).await;
        let tables = Tables::open(&world.database_url()).await;
        let before = contents(&tables).await;

        start_import(world, &connection, json!({})).await;
        let second = world.imported_with_payouts(&connection).await;

        assert_ne!(first["id"], second["id"]);
        assert_eq!(payments(&second), payments(&first));
        let after = contents(&tables).await;
        for (place, table) in TABLES.into_iter().enumerate() {
            assert!(!before[place].is_empty(), "{table} is empty");
            assert!(before[place] == after[place], "{table} changed");
        }
        assert_exactly_the_ledger(&world.database_url(), &world.stripe.ledger(&account)).await;
    }

    async fn importing_again_brings_what_changed_at_stripe(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(300));
        let connection = world.connect("Shop", &key).await;
        world.imported_with_payouts(&connection).await;
        let ids = world.stripe.ledger(&account).charge_ids;
        let changed: Vec<_> = ids.iter().step_by(17).collect();
        for id in &changed {
            world.stripe.update_charge(&account, id, |charge| {
                charge["amount_refunded"] = json!(1);
                charge["description"] = json!("changed at Stripe");
                charge["status"] = json!("failed");
            });
        }
        let intent = world.stripe.ledger(&account).payment_intent_ids.pop_first().unwrap();
        world.stripe.update(&account, Resource::PaymentIntent, &intent, |intent| {
            intent["description"] = json!("intent changed at Stripe");
        });

        start_import(world, &connection, json!({})).await;
        world.imported_with_payouts(&connection).await;
        let (sums, _) = totals(world, &connection).await;

        let ledger = world.stripe.ledger(&account);
        for ((currency, status), total) in &ledger.totals {
            let sum = sums[&(currency.clone(), status.to_string())];
            assert_eq!(sum, (total.count, total.amount, total.amount_captured, total.amount_refunded));
        }
        let tables = Tables::open(&world.database_url()).await;
        let described = tables.texts("SELECT stripe_id FROM payments WHERE description = 'changed at Stripe' ORDER BY 1").await;
        assert_eq!(described.iter().collect::<Vec<_>>(), changed);
        let everything = tables.everything().await;
        assert!(everything.contains("intent changed at Stripe"));
    }

    async fn a_charge_that_could_be_read_and_cannot_any_more_keeps_what_is_known(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(50));
        let connection = world.connect("Shop", &key).await;
        world.imported_with_payouts(&connection).await;
        let tables = Tables::open(&world.database_url()).await;
        let before = contents(&tables).await;
        let id = world.stripe.ledger(&account).charge_ids.pop_first().unwrap();
        world.stripe.update_charge(&account, &id, |charge| charge["amount"] = json!("unreadable"));

        start_import(world, &connection, json!({})).await;
        let import = world.imported_with_payouts(&connection).await;

        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(payments(&import), 49);
        assert!(contents(&tables).await == before, "what is known changed");
        assert_eq!(tables.count("quarantined_objects").await, 1);
    }
}
