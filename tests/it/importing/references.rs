//! Sources and tokens have no list: those that charges name are fetched, each once.

use std::collections::BTreeMap;

use sandbox::{AccountSpec, Fault, Resource, Rule};
use serde_json::json;
use tests::{World, on_every_backend};

use super::support::{Tables, number, shop, start_import};

/// How often each source or token was asked for.
fn asked(world: &World) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for request in world.stripe.requests() {
        let id = request
            .path
            .strip_prefix("/v1/sources/")
            .or(request.path.strip_prefix("/v1/tokens/"));
        if let Some(id) = id.filter(|id| !id.contains("probe")) {
            *asked.entry(id.to_owned()).or_default() += 1;
        }
    }
    asked
}

on_every_backend! {
    async fn every_source_that_charges_name_is_fetched_once(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(2_000)).await;
        let ledger = world.stripe.ledger(&shop.account);
        let gone = ledger.source_ids.first().unwrap();
        world.stripe.remove(&shop.account, Resource::Source, gone);

        start_import(world, &shop.connection, json!({})).await;
        let import = world.imported(&shop.connection).await;
        let first = asked(world);
        start_import(world, &shop.connection, json!({ "resources": ["CHARGES"] })).await;
        world.imported(&shop.connection).await;

        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert!(ledger.source_ids.len() > 10, "the sample shows too little");
        assert!(first.keys().eq(&ledger.source_ids), "{first:?}");
        assert!(first.values().all(|times| *times == 1), "{first:?}");
        assert_eq!(asked(world), first, "charges alone fetch no sources");
        let tables = Tables::open(&world.database_url()).await;
        let stored = tables.texts("SELECT stripe_id FROM stripe_objects WHERE kind = 'source' ORDER BY stripe_id").await;
        assert!(stored.iter().eq(ledger.source_ids.iter().skip(1)), "all but the one that is gone");
        let everything = tables.everything().await;
        assert!(!everything.contains("src_client_secret_"), "a client secret is stored");
    }

    async fn sources_asked_for_again_are_fetched_again(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(900));
        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        world.stripe.clear_requests();

        start_import(world, &connection, json!({ "resources": ["SOURCES"] })).await;
        let import = world.imported(&connection).await;

        let ledger = world.stripe.ledger(&account);
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert!(asked(world).keys().eq(&ledger.source_ids));
        assert_eq!(number(&import["progress"]["importedObjects"]), i64::try_from(ledger.source_ids.len()).unwrap());
    }

    async fn a_token_that_a_charge_names_is_fetched_too_whatever_fails_meanwhile(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(40)).await;
        let charges = world.stripe.ledger(&shop.account).charge_ids;
        for (number, charge) in charges.iter().enumerate().take(12) {
            let id = format!("tok_{number}");
            let token = json!({
                "id": id, "object": "token", "created": 1_500_000_000, "livemode": false, "type": "card", "used": true,
                "client_ip": "203.0.113.7",
                "card": { "brand": "visa", "last4": "4242", "name": "Jenny Rosen", "address_city": "Springfield" },
            });
            world.stripe.insert_raw(&shop.account, Resource::Token, &id, 1_500_000_000, token.to_string());
            world.stripe.update_charge(&shop.account, charge, |charge| {
                charge["payment_method"] = json!(id);
                charge["source"] = json!(null);
            });
        }
        world.stripe.faults().inject(Rule::next(3, Fault::Unavailable).on("/v1/tokens"));

        start_import(world, &shop.connection, json!({ "resources": ["CHARGES", "TOKENS"] })).await;
        let import = world.imported(&shop.connection).await;

        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        let tables = Tables::open(&world.database_url()).await;
        let stored = tables.texts("SELECT CAST(body AS text) FROM stripe_objects WHERE kind = 'token'").await;
        assert_eq!(stored.len(), 12);
        for body in stored {
            assert!(body.contains("4242"), "{body}");
            assert!(!["Rosen", "Springfield", "203.0.113.7"].iter().any(|personal| body.contains(personal)), "{body}");
        }
    }
}
