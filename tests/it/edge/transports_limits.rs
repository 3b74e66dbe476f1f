//! What is too much is refused on every transport, and in the same words (FAULTS 47 to 50).

use std::fmt::Write;

use serde_json::json;

use super::{
    Shop,
    ask::{code, embedded, embedded_with},
    transports::Way,
};

/// What an address may hold, in bytes; longer requests are posted.
const ADDRESS: usize = 60_000;

/// What a message on a socket may hold; longer ones close it.
const MESSAGE: usize = 60_000;

/// Fragments that spread the next one twice: 2 to the power of so many fields.
fn doubling(levels: usize) -> String {
    let mut query = "{ ...f1 }".to_owned();
    for level in 1..levels {
        let next = level + 1;
        write!(
            query,
            " fragment f{level} on Query {{ ...f{next} ...f{next} }}"
        )
        .unwrap();
    }
    write!(query, " fragment f{levels} on Query {{ __typename }}").unwrap();
    query
}

/// How long a document is in an address, where most signs are written as three.
fn in_address(query: &str) -> usize {
    let length = |byte: u8| {
        if byte.is_ascii_alphanumeric() || byte == b' ' {
            1
        } else {
            3
        }
    };
    query.bytes().map(length).sum()
}

fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// Hostile documents, with the code of their refusal.
fn hostile() -> Vec<(&'static str, String, &'static str)> {
    let complex = "QUERY_TOO_COMPLEX";
    let bad = "BAD_USER_INPUT";
    let page = "nodes { id stripeId status livemode disputed }";
    vec![
        ("doubling fragments", doubling(30), complex),
        ("cycle", "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(), bad),
        ("cycle of one", "{ ...a } fragment a on Query { viewer { scopes } ...a }".to_owned(), bad),
        ("depth 60", format!("{{ {} id {} }}", "a { ".repeat(60), "} ".repeat(60)), complex),
        ("inline fragments", format!("{{ {} __typename {} }}", "... { ".repeat(200), "} ".repeat(200)), complex),
        ("brackets", "{".repeat(20_000), bad),
        ("tokens", format!("{{ {} }}", "a ".repeat(15_001)), complex),
        ("aliases", format!("{{ {} }}", repeated(101, |n| format!("a{n}: payments(first: 100) {{ {page} }} "))), complex),
        ("10,000 aliases", format!("{{ {} }}", repeated(10_001, |n| format!("a{n}: __typename "))), complex),
        ("directives", format!("{{ viewer {{ scopes {} }} }}", "@include(if: true) ".repeat(1_000)), complex),
        ("unused variables", format!("query({}) {{ __typename }}", repeated(2_000, |n| format!("$v{n}: Int "))), bad),
        ("unknown fields", format!("{{ {} }}", repeated(900, |n| format!("f{n} "))), bad),
        ("a page of 100,000", "{ payments(first: 100000) { nodes { id } } }".to_owned(), bad),
        ("a page of -1", "{ payments(first: -1) { nodes { id } } }".to_owned(), bad),
        ("first and last", "{ payments(first: 1, last: 1) { nodes { id } } }".to_owned(), bad),
        (
            "pages in pages",
            "{ payments(first: 100) { nodes { refunds(first: 100) { nodes { id stripeId status reason createdAt } } } } }".to_owned(),
            complex,
        ),
        (
            "connections in connections",
            "{ connections(first: 100) { nodes { imports(first: 100) { nodes { connection { payments(first: 100) { nodes { id } } } } } } } }".to_owned(),
            complex,
        ),
        ("an integer that is none", "{ payments(first: -2147483649) { totalCount } }".to_owned(), bad),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_documents_are_refused_alike_on_every_transport() {
    let world = embedded().await;
    for (what, query, expected) in hostile() {
        let mut answers = Vec::new();
        for way in Way::ALL {
            let fits = match way {
                Way::Socket => query.len() <= MESSAGE,
                way if way.is_got() => in_address(&query) <= ADDRESS,
                _ => true,
            };
            if !fits {
                continue;
            }
            let started = std::time::Instant::now();
            let mut answer = way.query(&world, &query, json!({})).await;

            assert_eq!(code(&answer), expected, "{what}, {way:?}: {answer:#}");
            assert!(answer["data"].is_null(), "{what}, {way:?}");
            let count = answer["errors"].as_array().unwrap().len();
            assert!(
                count <= 10 && answer.to_string().len() < 10_000,
                "{what}, {way:?}: {count} errors"
            );
            assert!(
                started.elapsed().as_secs() < 5,
                "{what}, {way:?}: {:?}",
                started.elapsed()
            );
            // Which ten of two thousand are told is chance.
            if what != "unused variables" {
                answers.push(answer["errors"].take());
            }
        }
        assert!(
            answers.windows(2).all(|pair| pair[0] == pair[1]),
            "{what}: {answers:#?}"
        );
    }
    world.end().await;
}

/// A subscription of a hostile shape does not begin.
#[tokio::test]
async fn hostile_subscriptions_do_not_begin() {
    let world = embedded().await;
    let shop = Shop::open(&world, "Shop", sandbox::AccountSpec::default()).await;
    let progress = format!("importProgress(connectionId: \"{}\")", shop.connection);
    let payments = "payments(first: 100) { nodes { id } }";
    let imports =
        |inner: &str| format!("imports(first: 100) {{ nodes {{ connection {{ {inner} }} }} }}");
    let page = imports(&imports(payments));
    for (query, expected) in [
        (
            format!("subscription {{ connectionUpdated {{ {page} }} }}"),
            "QUERY_TOO_COMPLEX",
        ),
        (
            format!("subscription {{ connectionUpdated {{ id }} {progress} {{ status }} }}"),
            "BAD_USER_INPUT",
        ),
        (
            format!("subscription {{ a: {progress} {{ status }} b: {progress} {{ sequence }} }}"),
            "BAD_USER_INPUT",
        ),
        (
            format!("subscription {{ ... {{ {progress} {{ status }} }} }}"),
            "BAD_USER_INPUT",
        ),
        (
            "subscription { connectionUpdated { nothing } }".to_owned(),
            "BAD_USER_INPUT",
        ),
    ] {
        for way in Way::GOING_ON {
            let answer = way.query(&world, &query, json!({})).await;
            assert_eq!(code(&answer), expected, "{query}, {way:?}");
        }
    }
    drop(shop);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_takes_too_long_is_given_up_on_every_transport() {
    let world = embedded_with(&[("INLET_LIMITS__QUERY_TIMEOUT_SECONDS", "1")]).await;
    let (_, key) = world.account(sandbox::AccountSpec::with_payments(5));
    let slow = sandbox::Latency::fixed(std::time::Duration::from_secs(20));
    world.stripe.faults().latency(slow);
    let query = "mutation($key: String!) { checkApiKey(input: { apiKey: $key }) { livemode } }";

    let asked = Way::WRITING.map(|way| way.query(&world, query, json!({ "key": key })));

    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(code(&answer), "UNAVAILABLE", "{answer:#}");
    }
    world.end().await;
}

/// Costs 502, however little there is.
const COUNT: &str = "{ payments(first: 1) { totalCount } }";

#[tokio::test]
async fn an_allowance_is_one_on_all_transports() {
    let world = embedded_with(&[
        ("INLET_LIMITS__COST_ALLOWANCE", "1000"),
        ("INLET_LIMITS__QUERY_COMPLEXITY", "1000"),
        ("INLET_LIMITS__COST_RESTORE_PER_SECOND", "1"),
    ])
    .await;
    let first = Way::Socket.query(&world, COUNT, json!({})).await;
    assert_eq!(first["data"]["payments"]["totalCount"], "0", "{first:#}");

    for way in Way::ALL {
        let answer = way.query(&world, COUNT, json!({})).await;
        assert_eq!(code(&answer), "RATE_LIMITED", "{way:?}");
        let after = &answer["errors"][0]["extensions"]["retryAfterSeconds"];
        assert!(after.is_u64(), "{way:?}: {answer:#}");
        assert!(answer["data"].is_null());
    }
    world.end().await;
}

/// Many guesses in one request count as many (FAULTS 51).
#[tokio::test]
async fn many_keys_are_not_tried_in_one_operation() {
    let world = embedded().await;
    let guess =
        |n| format!("a{n}: checkApiKey(input: {{ apiKey: \"rk_test_{n}\" }}) {{ livemode }} ");
    let query = format!("mutation {{ {} }}", repeated(201, guess));
    let before = world.asked().len();

    for way in Way::WRITING {
        let answer = way.query(&world, &query, json!({})).await;
        assert_eq!(code(&answer), "QUERY_TOO_COMPLEX", "{way:?}");
    }
    assert_eq!(world.asked().len(), before, "Stripe was asked");
    world.end().await;
}
