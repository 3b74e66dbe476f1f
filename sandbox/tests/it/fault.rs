use std::time::{Duration, Instant};

use sandbox::{Fault, Latency, RateLimit, Rule};
use serde_json::json;

use crate::support::world;

const LIST: &str = "/v1/charges?limit=100";

#[tokio::test]
async fn refusals_look_like_stripes() {
    let world = world(2).await;
    let faults = world.sandbox.faults();
    faults.inject(Rule::next(1, Fault::rate_limited("endpoint-rate")));
    let refused = world.response(LIST).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(
        refused.headers()["stripe-rate-limited-reason"],
        "endpoint-rate"
    );
    assert_eq!(refused.headers()["stripe-should-retry"], "true");

    for (fault, status) in [
        (Fault::LockTimeout, 429),
        (Fault::ServerError, 500),
        (Fault::Unavailable, 503),
        (Fault::EmptyForbidden, 403),
    ] {
        faults.inject(Rule::next(1, fault));
        let refused = world.response(LIST).await;
        assert_eq!(refused.status(), status);
        assert!(!refused.headers().contains_key("stripe-rate-limited-reason"));
    }
    faults.inject(Rule::next(1, Fault::BadGateway));
    let page = world.response(LIST).await;
    assert_eq!(page.status(), 502);
    assert!(page.text().await.unwrap().starts_with("<html>"));
    assert_eq!(world.get(LIST).await.0, 200);
    assert_eq!(faults.counts()["rate_limited"], 1);
}

#[tokio::test]
async fn bodies_break() {
    let world = world(40).await;
    let faults = world.sandbox.faults();
    faults.inject(Rule::next(1, Fault::TruncatedBody));
    let response = world.response(LIST).await;
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    faults.inject(Rule::next(1, Fault::InvalidJson));
    let body = world.response(LIST).await.text().await.unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&body).is_err());
    assert_eq!(world.get(LIST).await.0, 200);
}

#[tokio::test]
async fn pages_waver_around_their_edges() {
    let world = world(150).await;
    let faults = world.sandbox.faults();
    let ids = |body: &serde_json::Value| -> Vec<String> {
        let objects = body["data"].as_array().unwrap().iter();
        objects
            .map(|object| object["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = ids(&world.get(LIST).await.1);
    let next = format!("{LIST}&starting_after={}", first[99]);
    let second = ids(&world.get(&next).await.1);

    faults.inject(Rule::next(1, Fault::MissingNewest));
    assert_eq!(ids(&world.get(LIST).await.1), first[1..]);
    faults.inject(Rule::next(1, Fault::RepeatedObject));
    let again = ids(&world.get(&next).await.1);
    assert_eq!((&again[0], &again[1..]), (&first[99], &second[..]));
    assert_eq!(ids(&world.get(LIST).await.1), first);
}

#[tokio::test]
async fn connections_break_and_stall() {
    let world = world(2).await;
    let faults = world.sandbox.faults();
    faults.inject(Rule::next(1, Fault::ConnectionReset));
    assert!(
        world
            .client
            .get(world.url(LIST))
            .bearer_auth(&world.key)
            .send()
            .await
            .is_err()
    );
    assert_eq!(world.sandbox.requests()[0].status, 0);
    faults.inject(Rule::next(
        1,
        Fault::Stall {
            duration: Duration::from_millis(200),
        },
    ));
    let begin = Instant::now();
    assert_eq!(world.get(LIST).await.0, 200);
    assert!(begin.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn faults_keep_to_their_rhythm_and_place() {
    let world = world(2).await;
    let faults = world.sandbox.faults();
    faults.inject(Rule::every(3, Fault::Unavailable).on("/v1/charges"));
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(world.get(LIST).await.0);
        assert_eq!(world.get("/v1/balance").await.0, 200);
    }
    assert_eq!(statuses, [200, 200, 503, 200, 200, 503]);
    faults.clear();
    faults.inject(Rule::chance(1.0, Fault::ServerError));
    assert_eq!(world.get(LIST).await.0, 500);
    faults.clear();
    faults.down(true);
    assert_eq!(world.get("/v1/balance").await.0, 503);
    faults.down(false);
    assert_eq!(world.get("/v1/balance").await.0, 200);
}

#[tokio::test]
async fn latency_is_where_it_was_put() {
    let world = world(2).await;
    let faults = world.sandbox.faults();
    faults.latency_on(
        "/v1/charges",
        Latency::jittered(Duration::from_millis(120), Duration::from_millis(40)),
    );
    let begin = Instant::now();
    world.get(LIST).await;
    assert!(begin.elapsed() >= Duration::from_millis(120));
    let begin = Instant::now();
    world.get("/v1/balance").await;
    assert!(begin.elapsed() < Duration::from_millis(120));
}

#[tokio::test]
async fn limits_hold_rate_and_concurrency() {
    let world = world(2).await;
    let faults = world.sandbox.faults();
    faults.limit(RateLimit {
        burst: Some(5.0),
        ..RateLimit::per_second(1.0)
    });
    let mut refused = 0;
    for _ in 0..8 {
        let response = world.response(LIST).await;
        if response.status() == 429 {
            assert_eq!(
                response.headers()["stripe-rate-limited-reason"],
                "global-rate"
            );
            refused += 1;
        }
    }
    assert!((2..=3).contains(&refused), "{refused}");

    faults.limit(RateLimit::concurrency(2));
    faults.latency(Latency::fixed(Duration::from_millis(150)));
    let (a, b, c) = tokio::join!(
        world.response(LIST),
        world.response(LIST),
        world.response(LIST)
    );
    let responses = [a, b, c];
    let refused: Vec<_> = responses
        .iter()
        .filter(|response| response.status() == 429)
        .collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(
        refused[0].headers()["stripe-rate-limited-reason"],
        "global-concurrency"
    );
    assert_eq!(world.get(LIST).await.0, 200, "the places are given back");
    faults.limit(RateLimit {
        per_endpoint: Some(1.0),
        ..RateLimit::NONE
    });
    assert_eq!(
        (world.get(LIST).await.0, world.get("/v1/refunds").await.0),
        (200, 200)
    );
    let refused = world.get(LIST).await;
    assert_eq!(
        (refused.0, &refused.1["error"]["code"]),
        (429, &json!("rate_limit"))
    );
}

#[tokio::test]
async fn a_caller_that_hangs_up_is_recorded_too() {
    let world = world(1).await;
    world
        .sandbox
        .faults()
        .latency(Latency::fixed(Duration::from_secs(30)));
    let request = world.client.get(world.url(LIST)).bearer_auth(&world.key);
    assert!(
        request
            .timeout(Duration::from_millis(100))
            .send()
            .await
            .unwrap_err()
            .is_timeout()
    );
    let begin = Instant::now();
    while world.sandbox.requests().is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.sandbox.requests()[0].status, 0);
}
