//! Several workers on one database share an import.

use std::{collections::BTreeMap, time::Duration};

use api::{
    app::{Machine, Role, start},
    config::Config,
    lifecycle::Lifecycle,
};
use sandbox::{AccountSpec, Latency, RequestRecord};
use tests::{Backend, World, metrics};

use super::support::{Tables, assert_exactly_the_ledger, payments, settings, shop, start_import};

const SETTINGS: &[(&str, &str)] = &[
    ("INLET_IMPORT__CONCURRENCY", "3"),
    ("INLET_IMPORT__LEASE_SECONDS", "2"),
];

/// Each page was asked for once: no window was in two hands.
fn assert_nothing_twice(requests: &[RequestRecord]) {
    let mut times = BTreeMap::new();
    for request in requests {
        *times.entry((&request.path, &request.query)).or_insert(0) += 1;
    }
    let twice: Vec<_> = times.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "asked for twice: {twice:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_share_an_import_and_never_a_window() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    let mut variables = backend.variables();
    let world = World::start(backend, settings(SETTINGS)).await;
    let shop = shop(&world, "Shop", AccountSpec::with_payments(3_000)).await;
    world
        .stripe
        .faults()
        .latency(Latency::fixed(Duration::from_millis(40)));
    let more = [
        ("INLET_SERVER__LISTEN", "127.0.0.1:0".to_owned()),
        ("INLET_STRIPE__API_URL", world.stripe.url()),
        ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "1000".to_owned()),
    ];
    variables.extend(more.map(|(name, value)| (name.to_owned(), value)));
    variables.extend(
        SETTINGS
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let config = Config::from_variables(None, variables).unwrap();
    let second = Lifecycle::new();
    let worker = start(
        &config,
        Role::Worker,
        &second,
        metrics(),
        &Machine::default(),
    )
    .await
    .unwrap();

    start_import(&world, &shop.connection, serde_json::json!({})).await;
    let import = world.imported(&shop.connection).await;
    let tables = Tables::open(&world.database_url()).await;
    let owners = tables
        .texts(
            "SELECT DISTINCT lease_owner::text FROM import_windows WHERE lease_owner IS NOT NULL",
        )
        .await;

    let ledger = world.stripe.ledger(&shop.account);
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    assert_eq!(payments(&import), 3_000);
    assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    assert_nothing_twice(&world.asked());
    assert_eq!(owners.len(), 2, "one worker did it all");
    assert!(second.finish(Duration::from_secs(20)).await);
    worker.app.gateway.store().clone().close().await.unwrap();
    tables.0.close().await.unwrap();
    world.end().await;
}
