//! While Stripe is away an import says so and waits; when it is back the import goes on.

use std::time::Duration;

use sandbox::{AccountSpec, Grants, Latency, Options, Sandbox};
use serde_json::json;
use tests::{Backend, World, WorldOptions, on_every_backend};

use super::support::{
    assert_exactly_the_ledger, import_when, payments, settings, shop, some_payments, standing,
    start_import,
};

on_every_backend! {
    async fn an_outage_is_told_while_it_lasts_and_then_forgotten(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(1_500)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(30)));
        start_import(world, &shop.connection, json!({})).await;
        some_payments(world, &shop.connection).await;

        world.stripe.faults().down(true);
        let troubled = import_when(world, &shop.connection, |import| {
            !import["progress"]["currentTrouble"].is_null()
        })
        .await;
        world.stripe.faults().down(false);
        let better = import_when(world, &shop.connection, |import| {
            import["progress"]["currentTrouble"].is_null()
        })
        .await;
        let import = world.imported(&shop.connection).await;

        let trouble = troubled["progress"]["currentTrouble"].as_str().unwrap();
        assert_eq!(troubled["status"], "RUNNING");
        assert!(trouble.contains("cannot be reached"), "{trouble}");
        assert!(payments(&better) >= payments(&troubled));
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(payments(&import), 1_500);
        assert_eq!(standing(world, &shop.connection).await["status"], "ACTIVE");
        let ledger = world.stripe.ledger(&shop.account);
        assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    }

    #[options(settings(&[("INLET_IMPORT__CONCURRENCY", "1")]))]
    async fn a_limit_is_told_as_a_limit(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(100)).await;
        world.stripe.faults().inject(sandbox::Rule::next(3, sandbox::Fault::rate_limited("global-rate")));

        start_import(world, &shop.connection, json!({})).await;
        let troubled = import_when(world, &shop.connection, |import| {
            !import["progress"]["currentTrouble"].is_null()
        })
        .await;
        let import = world.imported(&shop.connection).await;

        let trouble = troubled["progress"]["currentTrouble"].as_str().unwrap();
        assert!(trouble.contains("limiting"), "{trouble}");
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(payments(&import), 100);
    }
}

/// A Stripe of always the same account and key.
async fn stripe(options: Options) -> (Sandbox, String, String) {
    let stripe = Sandbox::start(options).await.unwrap();
    let account = stripe.add_account(AccountSpec::with_payments(1_500));
    let key = stripe.create_key(&account, Grants::All);
    stripe.faults().latency(Latency::fixed(Duration::from_millis(30)));
    (stripe, account, key)
}

async fn an_import_waits_for_a_stripe_that_is_gone(backend: Backend) {
    let (first, account, key) = stripe(Options::default()).await;
    let url = first.url();
    let variables = vec![("INLET_STRIPE__API_URL", url.clone())];
    let world = World::start(backend, WorldOptions { variables }).await;
    let connection = world.connect("Shop", &key).await;
    some_payments(&world, &connection).await;

    drop(first);
    let troubled = import_when(&world, &connection, |import| {
        !import["progress"]["currentTrouble"].is_null()
    })
    .await;
    let listen = url.strip_prefix("http://").unwrap().parse().unwrap();
    let (second, ..) = stripe(Options { listen, ..Options::default() }).await;
    let import = world.imported(&connection).await;

    assert_eq!(troubled["status"], "RUNNING");
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    assert_eq!(payments(&import), 1_500);
    assert_exactly_the_ledger(&world.database_url(), &second.ledger(&account)).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_waits_for_a_stripe_that_nobody_reaches_on_sqlite() {
    an_import_waits_for_a_stripe_that_is_gone(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_waits_for_a_stripe_that_nobody_reaches_on_postgres() {
    let Some(backend) = Backend::shared().await else { return };
    an_import_waits_for_a_stripe_that_is_gone(backend).await;
}
