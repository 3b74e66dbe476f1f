//! Every answer tells what it cost; a token that has spent its allowance waits, and nobody else does.

use std::time::Duration;

use chrono::TimeDelta;
use sandbox::AccountSpec;
use serde_json::json;
use tests::{Backend, Program, World, WorldOptions};

use super::{
    Shop,
    ask::{Reply, embedded_with, token_of},
};

/// An allowance for a few small operations.
const SMALL: [(&str, &str); 3] = [
    ("INLET_LIMITS__QUERY_COMPLEXITY", "1000"),
    ("INLET_LIMITS__COST_ALLOWANCE", "1000"),
    ("INLET_LIMITS__COST_RESTORE_PER_SECOND", "1"),
];

async fn ask(world: &World, url: &str, token: &str, query: &str) -> Reply {
    let request = world.http.post(format!("{url}/graphql")).bearer_auth(token);
    let request = request.header("accept", "application/graphql-response+json");
    Reply::to(request.json(&json!({ "query": query }))).await
}

async fn ask_here(world: &World, query: &str) -> Reply {
    ask(world, &world.url(""), &world.token, query).await
}

/// Costs 502, however little there is.
const COUNT: &str = "{ payments(first: 1) { totalCount } }";

/// What is asked for costs 602 at most, and nothing is there.
const PAGE: &str =
    "{ payments(first: 100) { nodes { id createdAt amount { currency minorUnits } status } } }";

#[tokio::test]
async fn an_answer_tells_what_it_cost() {
    let world = embedded_with(&SMALL).await;

    let reply = ask_here(&world, PAGE).await;

    let cost = &reply.json()["extensions"]["cost"];
    assert_eq!(
        (&cost["requested"], &cost["actual"]),
        (&json!(602), &json!(2))
    );
    assert_eq!(
        (&cost["limit"], &cost["restoreRate"]),
        (&json!(1_000), &json!(1))
    );
    assert_eq!(
        cost["remaining"], 998,
        "what the page did not hold is given back"
    );
    world.end().await;
}

/// Lists inside of what is told in one piece count as long as they are, too.
#[tokio::test]
async fn an_answer_costs_the_same_each_time() {
    let world = World::start(Backend::embedded(), WorldOptions::default()).await;
    let shop = Shop::open(&world, "Shop", AccountSpec::with_payments(3)).await;
    let query = "{ connections { nodes { latestImport { progress { resources { resource } } } } } payments { nodes { id } } }";

    let mut costs = Vec::new();
    for _ in 0..3 {
        let answer = ask_here(&world, query).await.json();
        let node = &answer["data"]["connections"]["nodes"][0];
        let resources = node["latestImport"]["progress"]["resources"]
            .as_array()
            .unwrap();
        assert!((2..20).contains(&resources.len()), "{answer:#}");
        costs.push(answer["extensions"]["cost"]["actual"].as_u64().unwrap());
    }

    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
    assert!(costs[0] < 40, "{costs:?}");
    drop(shop);
    world.end().await;
}

#[tokio::test]
async fn who_has_spent_everything_waits_alone() {
    let world = embedded_with(&SMALL).await;
    let other = token_of(&world, "default", &["PAYMENTS_READ"]).await;

    let first = ask_here(&world, COUNT).await;
    let refused = ask_here(&world, COUNT).await;

    assert_eq!(
        (first.status, refused.status),
        (200, 429),
        "{}",
        refused.text
    );
    assert_eq!(refused.code(), "RATE_LIMITED");
    let error = &refused.json()["errors"][0];
    let seconds = error["extensions"]["retryAfterSeconds"].as_i64().unwrap();
    assert!((1..=60).contains(&seconds), "{error}");
    assert_eq!(refused.header("retry-after"), seconds.to_string());
    assert_eq!(refused.json().get("data"), None);
    assert_eq!(ask(&world, &world.url(""), &other, COUNT).await.status, 200);

    world.clock.advance(TimeDelta::seconds(seconds));
    assert_eq!(ask_here(&world, COUNT).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn what_one_operation_may_not_cost_costs_nothing() {
    let world = embedded_with(&SMALL).await;
    let twice = format!(
        "{{ a: {} b: {} }}",
        &PAGE[2..PAGE.len() - 2],
        &PAGE[2..PAGE.len() - 2]
    );

    let refused = ask_here(&world, &twice).await;
    let next = ask_here(&world, PAGE).await;

    assert_eq!(refused.code(), "QUERY_TOO_COMPLEX");
    assert!(
        refused.text.contains("1204") && refused.text.contains("1000"),
        "{}",
        refused.text
    );
    assert_eq!(next.json()["extensions"]["cost"]["remaining"], 998);
    world.end().await;
}

#[tokio::test]
async fn the_guests_of_a_socket_spend_the_same_allowance() {
    let world = embedded_with(&SMALL).await;
    let mut socket = world.socket().await;

    assert_eq!(ask_here(&world, COUNT).await.status, 200);
    socket.subscribe("1", COUNT, json!({})).await;
    let answer = socket.next().await;

    let text = answer.unwrap().to_string();
    assert!(text.contains("RATE_LIMITED"), "{text}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_share_a_redis_share_the_allowance() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    let settings = SMALL.map(|(name, value)| (name, value.to_owned()));
    let options = WorldOptions {
        variables: settings.to_vec(),
        ..WorldOptions::default()
    };
    let world = World::start(backend, options).await;
    let mut variables = world.variables();
    variables.extend(settings.map(|(name, value)| (name.to_owned(), value)));
    let other = Program::start(&variables, &world.http).await;
    let small = "{ payments(first: 1) { nodes { id } } }";

    let here = ask_here(&world, COUNT).await;
    // The other process hears of it when it levels what it has spent itself.
    let mut left = 1_000;
    for _ in 0..200 {
        let there = ask(&world, &other.url, &world.token, small).await;
        left = there.json()["extensions"]["cost"]["remaining"]
            .as_u64()
            .unwrap();
        if left < 500 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    assert_eq!(here.status, 200, "{}", here.text);
    assert!(left < 500, "{left} are left elsewhere");
    other.kill().await;
    world.end().await;
}
