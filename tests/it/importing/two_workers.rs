//! Several workers on one database share an import.

use std::{collections::BTreeMap, time::Duration};

use sandbox::{AccountSpec, Latency, RequestRecord};
use tests::{Backend, World};

use super::support::{
    Tables, Worker, assert_exactly_the_ledger, payments, settings, shop, start_import,
};

const SETTINGS: &[(&str, &str)] = &[
    ("INLET_IMPORT__CONCURRENCY", "3"),
    ("INLET_IMPORT__LEASE_SECONDS", "2"),
    ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "1000"),
    ("INLET_IMPORT__ENDPOINT_REQUESTS_PER_SECOND", "1000"),
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
    let world = World::start(backend, settings(SETTINGS)).await;
    let shop = shop(&world, "Shop", AccountSpec::with_payments(3_000)).await;
    world
        .stripe
        .faults()
        .latency(Latency::fixed(Duration::from_millis(40)));
    let worker = Worker::start(&world, SETTINGS).await;

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
    worker.end().await;
    tables.0.close().await.unwrap();
    world.end().await;
}
