//! What is read of an account is counted, as Stripe counts it.

use std::time::Duration;

use api::{
    clock::Clock,
    ids::{ConnectionId, WorkspaceId},
    storage::ReadsOfDay,
};
use chrono::{NaiveDate, TimeDelta};
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};
use uuid::Uuid;

use super::support::{number, shop, start_import};

/// What has not come by now does not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the gateway tells of an account's reads, everything counted so far being stored.
async fn reads(world: &World, connection: &str) -> Value {
    let gateway = &world.server.app.gateway;
    gateway.store_reads(false).await.unwrap();
    let query = "query($id: ID!) {
        connection(id: $id) { stripeReads { last30Days allocationFloor perDay { day reads } } }
    }";
    let mut data = world.data(query, json!({ "id": connection })).await;
    data["connection"]["stripeReads"].take()
}

/// The reads that Stripe saw of an account.
fn seen(world: &World, account: &str) -> i64 {
    let requests = world.stripe.requests();
    let reads = requests
        .iter()
        .filter(|request| request.account.as_deref() == Some(account) && request.method == "GET")
        .filter(|request| !request.path.starts_with("/v1/reporting/"))
        .filter(|request| !request.path.ends_with("/contents"));
    i64::try_from(reads.count()).unwrap()
}

/// Waits until what was counted is so much more than Stripe saw; what was counted.
async fn settled(
    world: &World,
    connection: &str,
    account: &str,
    more: Option<i64>,
) -> (Value, i64) {
    let waiting = async {
        loop {
            let before = reads(world, connection).await;
            let difference = number(&before["last30Days"]) - seen(world, account);
            tokio::time::sleep(Duration::from_millis(200)).await;
            let after = reads(world, connection).await;
            let is_quiet = before == after
                && number(&after["last30Days"]) - seen(world, account) == difference;
            if is_quiet && more.is_none_or(|more| more == difference) {
                return (after, difference);
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap()
}

on_every_backend! {
    async fn every_read_is_counted_once(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(700)).await;
        // What was read to connect was read before there was a connection.
        let (before, difference) = settled(world, &shop.connection, &shop.account, None).await;

        start_import(world, &shop.connection, json!({})).await;
        assert_eq!(world.imported(&shop.connection).await["status"], "SUCCEEDED");

        let (after, _) = settled(world, &shop.connection, &shop.account, Some(difference)).await;
        let of = |reads: &Value| number(&reads["last30Days"]);
        assert!(of(&after) >= of(&before) + 7, "{before:#} {after:#}");
        assert_eq!(after["allocationFloor"], "10000");
        let days = after["perDay"].as_array().unwrap();
        let sum: i64 = days.iter().map(|day| number(&day["reads"])).sum();
        assert_eq!(sum, of(&after));
    }

    async fn only_the_last_thirty_days_count_and_a_small_account_that_is_read_too_much_is_told_of(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        let store = world.server.app.gateway.store();
        let workspace = store.find_workspace_by_name("default").await.unwrap().unwrap();
        let id = Uuid::try_parse(shop.connection.strip_prefix("con_").unwrap()).unwrap();
        let today = today(world);
        let of_day = |days: i64, reads: i64| ReadsOfDay {
            workspace: WorkspaceId(workspace.id),
            connection: ConnectionId(id),
            day: today - TimeDelta::days(days),
            reads,
        };
        let (before, _) = settled(world, &shop.connection, &shop.account, None).await;
        let before = number(&before["last30Days"]);

        store.add_stripe_reads(&[of_day(30, 50_000), of_day(29, 9_000), of_day(3, 1_000)]).await.unwrap();
        store.add_stripe_reads(&[of_day(3, 1)]).await.unwrap();
        // An account is looked at once an hour.
        world.clock.advance(TimeDelta::hours(2));
        let was_told = passed();
        start_import(world, &shop.connection, json!({})).await;
        world.imported(&shop.connection).await;

        let told = reads(world, &shop.connection).await;
        let total = number(&told["last30Days"]);
        assert!((before + 10_001..50_000).contains(&total), "{told:#}");
        assert_eq!((was_told, passed()), (false, true));
    }
}

/// Today, where two hours later is the same day: else the test's days would move.
fn today(world: &World) -> NaiveDate {
    let now = world.clock.now();
    let later = now + TimeDelta::hours(2);
    if now.date_naive() != later.date_naive() {
        world.clock.advance(TimeDelta::hours(3));
    }
    world.clock.now().date_naive()
}

/// Whether somebody was told that an account is read too much.
fn passed() -> bool {
    tests::metrics()
        .render()
        .contains("inlet_stripe_allocation_passed_total")
}
