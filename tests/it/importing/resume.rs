//! An import that failed is started again and goes on where it stopped.

use std::time::Duration;

use sandbox::{AccountSpec, Fault, Latency, Rule};
use serde_json::json;
use tests::{World, on_every_backend};

use super::support::{
    Shop, assert_exactly_the_ledger, payments, shop, some_payments, start_import,
};

/// An import that failed halfway; what it had imported.
async fn failed_halfway(world: &World) -> (Shop, i64) {
    let shop = shop(world, "Shop", AccountSpec::with_payments(2_000)).await;
    world
        .stripe
        .faults()
        .latency(Latency::fixed(Duration::from_millis(30)));
    start_import(world, &shop.connection, json!({})).await;
    some_payments(world, &shop.connection).await;
    world
        .stripe
        .faults()
        .inject(Rule::next(1, Fault::EmptyForbidden).on("/v1/charges"));
    let failed = world.imported(&shop.connection).await;
    world.stripe.faults().clear();
    assert_eq!(failed["status"], "FAILED", "{failed:#}");
    let had = payments(&failed);
    assert!(had > 0 && had < 2_000, "{had} payments show nothing");
    (shop, had)
}

on_every_backend! {
    async fn it_imports_what_was_left(world: &World) {
        let (shop, had) = failed_halfway(world).await;

        start_import(world, &shop.connection, json!({})).await;
        let again = world.imported(&shop.connection).await;

        assert_eq!(again["status"], "SUCCEEDED", "{again:#}");
        let rest = payments(&again);
        assert!(rest >= 2_000 - had, "{rest} payments after {had}");
        // Only the seconds that were reached come again.
        assert!(rest <= 2_000 - had + 400, "{rest} payments after {had}");
        assert_exactly_the_ledger(&world.database_url(), &world.stripe.ledger(&shop.account)).await;
    }

    async fn another_span_begins_anew(world: &World) {
        let (shop, _) = failed_halfway(world).await;

        start_import(world, &shop.connection, json!({ "createdAt": { "gte": "2010-02-01T00:00:00Z" } })).await;
        let other = world.imported(&shop.connection).await;

        assert_eq!(payments(&other), 2_000, "{other:#}");
    }

    async fn what_has_succeeded_is_imported_anew(world: &World) {
        let (shop, _) = failed_halfway(world).await;
        start_import(world, &shop.connection, json!({})).await;
        world.imported(&shop.connection).await;

        start_import(world, &shop.connection, json!({})).await;
        let whole = world.imported(&shop.connection).await;

        assert_eq!(payments(&whole), 2_000, "{whole:#}");
    }
}
