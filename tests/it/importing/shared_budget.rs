//! Two processes that work on one connection keep to its budget together.

use std::time::Duration;

use chrono::TimeDelta;
use sandbox::{AccountSpec, Latency};
use tests::{Backend, World};

use super::{
    pace::{most, most_within, times_of},
    support::{
        Tables, Worker, assert_exactly_the_ledger, payments, settings, shop, some_payments,
        start_import,
    },
};

const SETTINGS: &[(&str, &str)] = &[
    ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "20"),
    ("INLET_IMPORT__CONCURRENCY", "6"),
    ("INLET_IMPORT__LEASE_SECONDS", "2"),
];

/// What a busy machine delays.
const ON_THEIR_WAY: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_keep_to_one_budget_and_use_it() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    let world = World::start(backend, settings(SETTINGS)).await;
    let shop = shop(&world, "Shop", AccountSpec::with_payments(4_000)).await;
    let latency = Latency::fixed(Duration::from_millis(150));
    world.stripe.faults().latency(latency);
    let worker = Worker::start(&world, SETTINGS).await;

    start_import(&world, &shop.connection, serde_json::json!({})).await;
    some_payments(&world, &shop.connection).await;
    let tables = Tables::open(&world.database_url()).await;
    let import = world.imported(&shop.connection).await;

    let requests = world.asked();
    let times = times_of(&requests, &shop.account);
    for seconds in [1, 3, 6] {
        let length = TimeDelta::seconds(i64::try_from(seconds).unwrap());
        let made = most_within(length, &times);
        let allowed = most(20, seconds, ON_THEIR_WAY);
        assert!(
            made <= allowed,
            "{made} requests within {seconds} s, {allowed} allowed"
        );
    }
    let side_by_side = requests.iter().map(|request| request.in_flight).max();
    assert!(side_by_side <= Some(6), "{side_by_side:?} side by side");
    let busiest = most_within(TimeDelta::seconds(3), &times);
    assert!(
        busiest >= 48,
        "{busiest} of 60 requests within three seconds"
    );
    let owners =
        "SELECT DISTINCT lease_owner::text FROM import_windows WHERE lease_owner IS NOT NULL";
    assert_eq!(tables.texts(owners).await.len(), 2, "one worker did it all");
    assert_eq!(payments(&import), 4_000);
    let ledger = world.stripe.ledger(&shop.account);
    assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    worker.end().await;
    tables.0.close().await.unwrap();
    world.end().await;
}
