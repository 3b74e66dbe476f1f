//! A document that is only named by its hash is treated as what it is: on every transport, and before it is executed.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{Socket, World};

use super::{
    ask::{code, embedded_with},
    transports::Way,
};

const WATCH: &str = "subscription { connectionUpdated { id } }";
const CREATE: &str =
    "mutation { createApiToken(input: { name: \"x\", scopes: [PAYMENTS_READ] }) { secret } }";

fn hash(query: &str) -> String {
    hex::encode(Sha256::digest(query.as_bytes()))
}

fn named(query: &str) -> Value {
    json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash(query) } } })
}

/// Makes a document known, without executing it.
async fn know(world: &World, query: &str) {
    let documents = &world.server.app.shared.documents;
    documents.keep(&hash(query), query).await;
}

#[tokio::test]
async fn a_named_query_has_one_answer_on_every_transport() {
    let world = embedded_with(&[]).await;
    let query = "{ viewer { workspace { name } } }";
    let unknown = Way::Post
        .ask(&world, Some(&world.token), &named(query))
        .await;
    assert_eq!(code(&unknown), "PERSISTED_QUERY_NOT_FOUND");
    for way in Way::ALL {
        assert_eq!(
            way.ask(&world, Some(&world.token), &named(query)).await,
            unknown,
            "{way:?}"
        );
    }

    know(&world, query).await;

    for way in Way::ALL {
        let answer = way.ask(&world, Some(&world.token), &named(query)).await;
        assert_eq!(
            answer["data"]["viewer"]["workspace"]["name"], "default",
            "{way:?}: {answer:#}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn a_named_mutation_is_not_got() {
    let world = embedded_with(&[]).await;
    know(&world, CREATE).await;

    for way in [Way::Get, Way::GotStream] {
        let reply = way.reply(&world, Some(&world.token), &named(CREATE)).await;
        assert_eq!(
            (reply.status, reply.header("allow")),
            (405, "POST"),
            "{way:?}: {}",
            reply.text
        );
    }
    for way in Way::WRITING {
        let answer = way.ask(&world, Some(&world.token), &named(CREATE)).await;
        assert!(
            answer["data"]["createApiToken"]["secret"].is_string(),
            "{way:?}: {answer:#}"
        );
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_named_operation_has_the_time_of_one() {
    let world = embedded_with(&[("INLET_LIMITS__QUERY_TIMEOUT_SECONDS", "1")]).await;
    let (_, key) = world.account(sandbox::AccountSpec::with_payments(5));
    let slow = sandbox::Latency::fixed(std::time::Duration::from_secs(20));
    world.stripe.faults().latency(slow);
    let check = "mutation($key: String!) { checkApiKey(input: { apiKey: $key }) { livemode } }";
    know(&world, check).await;
    let mut body = named(check);
    body["variables"] = json!({ "key": key });

    let asked = Way::WRITING.map(|way| way.ask(&world, Some(&world.token), &body));

    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(code(&answer), "UNAVAILABLE", "{answer:#}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_named_subscription_takes_a_place_and_a_named_query_none() {
    let world = embedded_with(&[("INLET_LIMITS__SOCKETS_PER_TOKEN", "1")]).await;
    let query = "{ __typename }";
    know(&world, query).await;
    know(&world, WATCH).await;

    let _open = Way::Events
        .stream(&world, Some(&world.token), &named(WATCH))
        .await;

    for way in [Way::Events, Way::Stream, Way::GotStream, Way::Parts] {
        let full = way.reply(&world, Some(&world.token), &named(WATCH)).await;
        assert_eq!(
            (full.status, full.code().as_str()),
            (429, "RATE_LIMITED"),
            "{way:?}"
        );
        let answer = way.ask(&world, Some(&world.token), &named(query)).await;
        assert_eq!(answer["data"]["__typename"], "Query", "{way:?}");
    }
    // One result cannot tell a subscription, named or not.
    for way in [Way::Post, Way::Get] {
        let reply = way.reply(&world, Some(&world.token), &named(WATCH)).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "BAD_USER_INPUT"),
            "{way:?}"
        );
        assert!(reply.text.contains("/graphql/ws"));
    }
    world.end().await;
}

#[tokio::test]
async fn a_named_subscription_goes_on_over_a_socket() {
    let world = embedded_with(&[("INLET_LIMITS__QUERY_TIMEOUT_SECONDS", "1")]).await;
    let (_, key) = world.account(sandbox::AccountSpec::with_payments(5));
    know(&world, WATCH).await;
    let mut socket = Socket::open(&world.url("/graphql/ws")).await;
    socket.introduce(&world.token).await;
    socket
        .send(json!({ "id": "1", "type": "subscribe", "payload": named(WATCH) }))
        .await;

    // Longer than a query may take.
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    let id = world.connect("Shop", &key).await;

    let told = socket.next_of("next").await;
    assert_eq!(told["data"]["connectionUpdated"]["id"], json!(id));
    world.end().await;
}
