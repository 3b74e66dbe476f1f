//! Operations that ask for too much are refused before they cost anything.

use std::{fmt::Write, time::Duration};

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};
use tests::{Backend, Tables, World, WorldOptions};

use super::ask::{Reply, embedded, embedded_with};

pub(super) async fn ask(world: &World, query: &str) -> Reply {
    let request = world
        .http
        .post(world.url("/graphql"))
        .bearer_auth(&world.token);
    let request = request.header("accept", "application/graphql-response+json");
    Reply::to(request.json(&json!({ "query": query }))).await
}

pub(super) fn assert_too_complex(reply: &Reply, what: &str) {
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "QUERY_TOO_COMPLEX"),
        "{what}: {}",
        reply.text
    );
    assert_eq!(reply.json().get("data"), None, "{what}");
}

/// `{ connections { nodes { latestImport { connection { … } } } } }`, so many levels deep.
fn nested(levels: usize) -> String {
    let mut query = "{ connections(first: 1) { nodes { ".to_owned();
    for _ in 0..levels {
        query.push_str("latestImport { connection { ");
    }
    query.push_str("id ");
    query.push_str(&"} ".repeat(levels * 2 + 3));
    query
}

#[tokio::test]
async fn depth_is_limited() {
    let world = embedded().await;

    let shallow = ask(&world, &nested(5)).await;
    let deep = ask(&world, &nested(9)).await;
    let very_deep = ask(&world, &nested(60)).await;
    let brackets = ask(&world, &"{".repeat(20_000)).await;

    assert_eq!(
        (shallow.status, shallow.json().get("errors")),
        (200, None),
        "{}",
        shallow.text
    );
    assert_too_complex(&deep, "21 levels");
    assert_too_complex(&very_deep, "123 levels");
    assert_eq!((brackets.status, brackets.json().get("data")), (400, None));
    world.end().await;
}

#[tokio::test]
async fn the_depth_of_tools_introspection_is_allowed() {
    let world = embedded().await;
    let of_type = "kind name ofType { ".repeat(9);
    let query = format!(
        "{{ __schema {{ types {{ name fields(includeDeprecated: true) {{ name args {{ name type {{ {of_type} name {} }} }} }} }} }} }}",
        "} ".repeat(9)
    );

    let reply = ask(&world, &query).await;

    assert_eq!(
        (reply.status, reply.json().get("errors")),
        (200, None),
        "{}",
        &reply.text[..300.min(reply.text.len())]
    );
    world.end().await;
}

#[tokio::test]
async fn complexity_counts_every_entry_of_every_page() {
    let world = embedded().await;
    let page = |first: usize, inner: usize| {
        format!(
            "{{ payments(first: {first}) {{ nodes {{ id refunds(first: {inner}) {{ nodes {{ id stripeId status reason createdAt }} }} }} }} }}"
        )
    };
    let many = |count: usize| {
        let mut query = "{ ".to_owned();
        for n in 0..count {
            write!(
                query,
                "a{n}: payments(first: 100) {{ nodes {{ id stripeId status livemode disputed }} }} "
            )
            .unwrap();
        }
        query + "}"
    };

    let fair = ask(&world, &page(100, 50)).await;
    let much = ask(&world, &page(100, 100)).await;
    let aliased = ask(&world, &many(101)).await;
    let ten_thousand = ask(&world, &many(3_000)).await;

    assert_eq!(
        (fair.status, fair.json().get("errors")),
        (200, None),
        "{}",
        fair.text
    );
    assert_too_complex(&much, "100 pages of 100 refunds");
    assert_too_complex(&aliased, "101 pages of 100 payments");
    assert_too_complex(&ten_thousand, "3,000 pages of 100 payments");
    world.end().await;
}

#[tokio::test]
async fn page_sizes_in_variables_count_too() {
    let world = embedded().await;
    let query = "query($n: Int!) { payments(first: $n) { nodes { refunds(first: $n) { nodes { id stripeId status reason createdAt } } } } }";
    let ask = async |n: Value| {
        let request = world
            .http
            .post(world.url("/graphql"))
            .bearer_auth(&world.token);
        let request = request.header("accept", "application/graphql-response+json");
        Reply::to(request.json(&json!({ "query": query, "variables": { "n": n } }))).await
    };

    assert_eq!(ask(json!(10)).await.json().get("errors"), None);
    assert_too_complex(&ask(json!(100)).await, "a hundred by a hundred");
    assert_too_complex(&ask(json!(100_000)).await, "a hundred thousand");
    world.end().await;
}

#[tokio::test]
async fn limits_are_settings() {
    let world = embedded_with(&[
        ("INLET_LIMITS__QUERY_DEPTH", "5"),
        ("INLET_LIMITS__QUERY_COMPLEXITY", "50"),
        ("INLET_LIMITS__PAGE_SIZE", "7"),
        ("INLET_LIMITS__MAX_PAGE_SIZE", "10"),
        ("INLET_LIMITS__QUERY_BODY_BYTES", "500"),
    ])
    .await;

    assert_too_complex(&ask(&world, &nested(2)).await, "seven levels");
    assert_too_complex(
        &ask(
            &world,
            "{ payments(first: 10) { nodes { id stripeId status livemode disputed } } }",
        )
        .await,
        "sixty fields",
    );
    assert_eq!(
        ask(&world, "{ payments(first: 10) { nodes { id } } }")
            .await
            .json()
            .get("errors"),
        None
    );
    assert_eq!(
        ask(&world, "{ payments(first: 11) { nodes { id } } }")
            .await
            .code(),
        "BAD_USER_INPUT"
    );
    assert_eq!(
        ask(
            &world,
            &format!("{{ viewer {{ scopes }} }} #{}", "x".repeat(500))
        )
        .await
        .status,
        413
    );
    world.end().await;
}

#[tokio::test]
async fn an_answer_has_a_largest_size() {
    let world = embedded_with(&[("INLET_LIMITS__ANSWER_BYTES", "800")]).await;

    let small = ask(&world, "{ viewer { scopes } }").await;
    let large = ask(&world, "{ stripePermissions { resource access required } }").await;

    assert_eq!(small.status, 200, "{}", small.text);
    assert_too_complex(&large, "20 permissions");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_too_long_ends_in_the_database_too() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    let options = WorldOptions {
        variables: vec![("INLET_LIMITS__QUERY_TIMEOUT_SECONDS", "1".to_owned())],
        ..WorldOptions::default()
    };
    let world = World::start(backend, options).await;
    let (lock, watched) = (
        Tables::open(&world.database_url()).await,
        world.database().await,
    );
    let locked = lock.0.begin().await.unwrap();
    locked
        .execute_unprepared("LOCK TABLE payments IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let waiting = || {
        let waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        watched.query_all_raw(Statement::from_string(DbBackend::Postgres, waits))
    };

    let (reply, ()) = tokio::join!(ask(&world, "{ payments { nodes { id } } }"), async {
        while waiting().await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let given_up = tokio::time::timeout(Duration::from_secs(20), async {
        while !waiting().await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });

    assert_eq!(
        (reply.status, reply.code().as_str()),
        (503, "UNAVAILABLE"),
        "{}",
        reply.text
    );
    assert!(given_up.await.is_ok(), "the database still works on it");
    locked.rollback().await.unwrap();
    assert_eq!(
        ask(&world, "{ payments { nodes { id } } }").await.status,
        200
    );
    lock.close().await;
    world.end().await;
}
