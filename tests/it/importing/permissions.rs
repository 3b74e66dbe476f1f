//! What the key does not grant is left out of an import, also when it is taken away halfway.

use std::time::Duration;

use sandbox::{AccountSpec, Grants, Latency, Permission};
use serde_json::{Value, json};
use tests::on_every_backend;

use super::support::{
    Tables, assert_exactly_the_ledger, payments, shop, some_payments, standing, start_import,
};

fn resource<'a>(import: &'a Value, name: &str) -> &'a Value {
    let resources = import["progress"]["resources"].as_array().unwrap();
    resources
        .iter()
        .find(|resource| resource["resource"] == name)
        .unwrap()
}

on_every_backend! {
    async fn a_permission_that_is_taken_away_halfway_leaves_its_resource_out(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(2_500)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(30)));
        start_import(world, &shop.connection, json!({})).await;
        some_payments(world, &shop.connection).await;

        world.stripe.grant(&shop.key, Grants::AllBut(vec![Permission::PaymentIntentRead]));
        let import = world.imported(&shop.connection).await;

        let ledger = world.stripe.ledger(&shop.account);
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(resource(&import, "PAYMENT_INTENTS")["status"], "CANCELED");
        for name in ["CHARGES", "REFUNDS", "DISPUTES"] {
            assert_eq!(resource(&import, name)["status"], "SUCCEEDED", "{name}");
        }
        let tables = Tables::open(&world.database_url()).await;
        assert_eq!(tables.ids("payments").await, ledger.charge_ids);
        assert_eq!(tables.ids("refunds").await, ledger.refund_ids);
        assert_eq!(tables.ids("disputes").await, ledger.dispute_ids);
        let intents = tables.texts("SELECT stripe_id FROM stripe_objects WHERE kind = 'payment_intent'").await;
        assert!(intents.len() < ledger.payment_intent_ids.len());
        let standing = standing(world, &shop.connection).await;
        assert_eq!(standing["status"], "ACTIVE");
        let message = standing["statusMessage"].as_str().unwrap();
        assert!(message.contains("Payment Intents"), "{message}");
    }

    async fn what_was_never_granted_is_left_out_from_the_start(world: &World) {
        let account = world.stripe.add_account(AccountSpec::with_payments(600));
        let missing = vec![Permission::DisputeRead];
        let key = world.stripe.create_key(&account, Grants::AllBut(missing));

        let connection = world.connect("Shop", &key).await;
        let import = world.imported(&connection).await;

        let tables = Tables::open(&world.database_url()).await;
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(resource(&import, "DISPUTES")["status"], "CANCELED");
        assert_eq!(payments(&import), 600);
        assert_eq!(tables.count("disputes").await, 0);
        let requests = world.asked();
        let asked = requests.iter().filter(|request| request.path == "/v1/disputes");
        assert_eq!(asked.count(), 1, "only the check of the key asks for disputes");
    }

    async fn without_a_required_permission_the_import_fails_until_it_is_granted(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(400)).await;
        world.stripe.grant(&shop.key, Grants::AllBut(vec![Permission::ChargeRead]));

        start_import(world, &shop.connection, json!({})).await;
        let failed = world.imported(&shop.connection).await;
        let refused = standing(world, &shop.connection).await;
        world.stripe.grant(&shop.key, Grants::All);
        start_import(world, &shop.connection, json!({})).await;
        let import = world.imported(&shop.connection).await;

        assert_eq!(failed["status"], "FAILED", "{failed:#}");
        assert_eq!(failed["failure"]["code"], "PERMISSIONS_MISSING");
        assert_eq!(failed["failure"]["retryable"], true);
        let message = failed["failure"]["message"].as_str().unwrap();
        assert!(message.contains("Charges and Refunds"), "{message}");
        assert_eq!(refused["status"], "ACTION_REQUIRED");
        assert_eq!(refused["statusReason"], "PERMISSIONS_MISSING");
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(standing(world, &shop.connection).await["status"], "ACTIVE");
        let ledger = world.stripe.ledger(&shop.account);
        assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    }
}
