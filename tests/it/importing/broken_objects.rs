//! An object that cannot be understood is set aside and told; it spoils nothing else.

use std::collections::BTreeSet;

use sandbox::{AccountSpec, Resource};
use serde_json::{Value, json};
use tests::on_every_backend;

use super::support::{Tables, shop, standing, start_import};

/// A value that no reason may repeat.
const CANARY: &str = "Canary-4711";

/// Objects that cannot be payments, each with a word that its reason must have.
fn broken() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("ch_bad01", json!({ "amount": "absent" }), "`amount`"),
        ("ch_bad02", json!({ "currency": "absent" }), "`currency`"),
        ("ch_bad03", json!({ "amount": CANARY }), "string"),
        ("ch_bad04", json!({ "amount": 1e30 }), "expected i64"),
        ("ch_bad05", json!({ "amount": u64::MAX }), "expected i64"),
        ("ch_bad06", json!({ "amount": null }), "null"),
        ("ch_bad07", json!({ "captured": CANARY }), "string"),
        ("ch_bad08", json!({ "status": { "is": CANARY } }), "map"),
        ("ch_bad09", json!({ "id": "absent" }), "`id`"),
        (
            "ch_bad10",
            json!({ "created": 253_402_300_800_i64 }),
            "a time is out of range",
        ),
        (
            "ch_bad11",
            json!({ "created": -1 }),
            "a time is out of range",
        ),
        ("ch_bad12", json!({ "created": CANARY }), "string"),
        (
            "ch_bad13",
            json!({ "balance_transaction": 4711 }),
            "integer",
        ),
        ("ch_bad14", json!({ "customer": [CANARY] }), "sequence"),
    ]
}

on_every_backend! {
    async fn broken_charges_are_set_aside_and_the_rest_is_imported(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(40)).await;
        let good = world.stripe.ledger(&shop.account).charge_ids;
        let sample = shop.sample(world);
        for (id, changes, _) in broken() {
            shop.put_like(world, &sample, id, &changes);
        }
        for (id, json) in [("ch_bad20", "null"), ("ch_bad21", "[]"), ("ch_bad22", "\"Canary-4711\"")] {
            let created = sample["created"].as_i64().unwrap();
            world.stripe.insert_raw(&shop.account, Resource::Charge, id, created, json.to_owned());
        }

        start_import(world, &shop.connection, json!({})).await;
        let import = world.imported(&shop.connection).await;
        let standing = standing(world, &shop.connection).await;

        let tables = Tables::open(&world.database_url()).await;
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(tables.ids("payments").await, good);
        assert_eq!(import["progress"]["importedPayments"], "40");
        assert_eq!(standing["dataHealth"]["quarantined"], (broken().len() + 3).to_string());
        let reasons = tables.texts("SELECT coalesce(stripe_id, '') || ' ' || reason FROM quarantined_objects").await;
        for (id, _, word) in broken() {
            // The one without an id is known by its reason alone.
            let name = if id == "ch_bad09" { "" } else { id };
            let found = reasons.iter().find(|reason| reason.starts_with(&format!("{name} ")) && reason.contains(word));
            assert!(found.is_some(), "{id}: no reason with {word} in {reasons:#?}");
        }
        assert!(!tables.everything().await.contains(CANARY), "a value was kept");
    }

    async fn broken_refunds_disputes_and_intents_are_set_aside_too(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(60)).await;
        let before = world.stripe.ledger(&shop.account);
        let broken = [
            (Resource::Refund, "re_bad", r#"{"id":"re_bad","created":1750000000,"amount":"Canary-4711","currency":"eur"}"#),
            (Resource::Dispute, "du_bad", r#"{"id":"du_bad","created":1750000000,"amount":1,"currency":"eur"}"#),
            (Resource::PaymentIntent, "pi_bad", r#"{"id":"pi_bad","created":"Canary-4711"}"#),
        ];
        for (resource, id, json) in broken {
            world.stripe.insert_raw(&shop.account, resource, id, 1_750_000_000, json.to_owned());
        }

        start_import(world, &shop.connection, json!({})).await;
        let import = world.imported(&shop.connection).await;

        let tables = Tables::open(&world.database_url()).await;
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(tables.ids("refunds").await, before.refund_ids);
        assert_eq!(tables.ids("disputes").await, before.dispute_ids);
        let intents = tables.texts("SELECT stripe_id FROM stripe_objects WHERE kind = 'payment_intent'").await;
        assert_eq!(intents.into_iter().collect::<BTreeSet<_>>(), before.payment_intent_ids);
        let mut aside = tables.texts("SELECT resource || ' ' || stripe_id FROM quarantined_objects").await;
        aside.sort();
        assert_eq!(aside, ["disputes du_bad", "payment_intents pi_bad", "refunds re_bad"]);
        assert!(!tables.everything().await.contains(CANARY), "a value was kept");
    }

    async fn an_impossible_time_of_one_charge_hides_no_other(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(40)).await;
        let good = world.stripe.ledger(&shop.account).charge_ids;
        let sample = shop.sample(world);
        let newest = world.server.app.gateway.clock().now().timestamp() - 60;
        // In the list it is the newest of all, where the search for the oldest begins.
        shop.put_like(world, &sample, "ch_newest", &json!({ "created": 1 }));
        let odd = world.stripe.object(&shop.account, Resource::Charge, "ch_newest").unwrap();
        world.stripe.insert_raw(&shop.account, Resource::Charge, "ch_newest", newest, odd.to_string());

        start_import(world, &shop.connection, json!({ "resources": ["CHARGES"] })).await;
        let import = world.imported(&shop.connection).await;

        let stored = Tables::open(&world.database_url()).await.ids("payments").await;
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert!(stored.is_superset(&good), "{} of {} charges were imported", stored.len(), good.len());
    }
}
