//! The budget of a connection is never exceeded.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sandbox::{AccountSpec, Latency, RateLimit, RequestRecord};
use serde_json::json;
use tests::on_every_backend;

use super::support::{cancel_import, payments, settings, shop, some_payments, start_import};

const REBUILD: &str = "
    mutation($id: ID!) {
      rebuildWebhook(input: { connectionId: $id }) { errors { __typename message } }
    }";

/// The most requests that arrived within a span of this length.
pub(super) fn most_within(length: TimeDelta, times: &[DateTime<Utc>]) -> usize {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let within = |start: DateTime<Utc>| {
        sorted
            .iter()
            .filter(|at| (start..start + length).contains(at))
            .count()
    };
    sorted
        .iter()
        .map(|at| within(*at))
        .max()
        .unwrap_or_default()
}

pub(super) fn times_of(requests: &[RequestRecord], account: &str) -> Vec<DateTime<Utc>> {
    let of_account = requests
        .iter()
        .filter(|request| request.account.as_deref() == Some(account));
    of_account.map(|request| request.at).collect()
}

/// A pause of up to 250 ms may be made up for, and what is on its way may arrive late.
pub(super) fn most(rate: usize, seconds: usize, on_their_way: usize) -> usize {
    rate * seconds + rate / 4 + 1 + on_their_way
}

on_every_backend! {
    #[options(settings(&[
        ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "25"),
        ("INLET_IMPORT__LIVE_REQUESTS_PER_SECOND", "12"),
        ("INLET_IMPORT__CONCURRENCY", "3"),
    ]))]
    async fn each_connection_keeps_to_the_budget_of_its_mode(world: &World) {
        let test = shop(world, "Test", AccountSpec::with_payments(1_200)).await;
        let live = shop(world, "Live", AccountSpec::with_payments(600).live()).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(60)));
        world.stripe.clear_requests();

        for shop in [&test, &live] {
            start_import(world, &shop.connection, json!({})).await;
        }
        for shop in [&test, &live] {
            assert_eq!(world.imported(&shop.connection).await["status"], "SUCCEEDED");
        }

        let requests = world.asked();
        for (shop, rate) in [(&test, 25), (&live, 12)] {
            let times = times_of(&requests, &shop.account);
            assert!(times.len() > 60, "{} requests show too little", times.len());
            for seconds in [1, 3] {
                let length = TimeDelta::seconds(i64::try_from(seconds).unwrap());
                let made = most_within(length, &times);
                assert!(made <= most(rate, seconds, 3), "{made} requests within {seconds} s, {rate} a second allowed");
            }
        }
        let side_by_side = requests.iter().map(|request| request.in_flight).max();
        assert!(side_by_side <= Some(6), "two connections, three requests each: {side_by_side:?}");
    }

    #[options(settings(&[("INLET_IMPORT__CONCURRENCY", "2")]))]
    async fn no_more_requests_than_allowed_are_under_way_at_once(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(800)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(30)));

        start_import(world, &shop.connection, json!({})).await;
        let import = world.imported(&shop.connection).await;

        let requests = world.asked();
        let side_by_side = requests.iter().map(|request| request.in_flight).max();
        assert_eq!(payments(&import), 800);
        assert_eq!(side_by_side, Some(2));
    }

    #[options(settings(&[
        ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "1"),
        ("INLET_IMPORT__ENDPOINT_REQUESTS_PER_SECOND", "25"),
    ]))]
    async fn a_slow_connection_slows_no_other_and_nobody_who_waits(world: &World) {
        let slow = shop(world, "Slow", AccountSpec::with_payments(1_500)).await;
        let quick = shop(world, "Quick", AccountSpec::with_payments(1_500).live()).await;
        start_import(world, &slow.connection, json!({})).await;
        some_payments(world, &slow.connection).await;

        // Several requests of an account that is asked once a second.
        let asked = Instant::now();
        let rebuilt = world.data(REBUILD, json!({ "id": slow.connection })).await;
        let waited = asked.elapsed();
        start_import(world, &quick.connection, json!({})).await;
        let import = world.imported(&quick.connection).await;

        assert_eq!(rebuilt["rebuildWebhook"]["errors"], json!([]));
        assert!(waited < Duration::from_secs(3), "waited {waited:?}");
        assert_eq!((payments(&import), &import["status"]), (1_500, &json!("SUCCEEDED")));
        assert_eq!(world.latest_import(&slow.connection).await["status"], "RUNNING");
        let charges = world.asked();
        let charges = charges.iter().filter(|request| request.path == "/v1/charges").cloned();
        let times = times_of(&charges.collect::<Vec<_>>(), &quick.account);
        let made = most_within(TimeDelta::seconds(1), &times);
        assert!(made <= 25 + 3 + 3, "{made} requests to one endpoint within a second");
        cancel_import(world, world.latest_import(&slow.connection).await["id"].as_str().unwrap()).await;
    }

    #[options(settings(&[("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "60")]))]
    async fn where_stripe_allows_less_than_the_budget_the_import_slows_down(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(600)).await;
        world.stripe.faults().limit(RateLimit { burst: Some(5.0), ..RateLimit::per_second(20.0) });

        start_import(world, &shop.connection, json!({})).await;
        let import = world.imported(&shop.connection).await;

        let requests = world.asked();
        let refused = requests.iter().filter(|request| request.status == 429).count();
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(payments(&import), 600);
        assert!(refused > 0, "the limit was never reached");
        assert!(refused * 3 < requests.len(), "{refused} of {} requests were refused", requests.len());
    }
}
