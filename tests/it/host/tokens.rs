//! Tokens that are taken.

use serde_json::{Value, json};
use tests::{Backend, HostKey, Issuer, Stream};

use super::support::{claims, claims_with, make_workspace, on, usual, who, world_of};
use crate::edge::{code, message};

const ALL: [&str; 4] = [
    "CONNECTIONS_READ",
    "CONNECTIONS_WRITE",
    "PAYMENTS_READ",
    "TOKENS_MANAGE",
];

async fn every_kind_of_key_is_taken(backend: Backend) {
    let keys = [
        HostKey::rsa("r", "RS256"),
        HostKey::rsa("p", "PS256"),
        HostKey::p256("e"),
        HostKey::ed25519("o"),
    ];
    let issuer = Issuer::start(&keys.iter().collect::<Vec<_>>()).await;
    let world = on(backend, &issuer, &[]).await;

    for key in &keys {
        let answer = who(&world, &key.sign(&claims(&world, &issuer))).await;

        assert_eq!(answer.status, 200, "{}: {:#}", key.algorithm, answer.body);
        let viewer = &answer.body["data"]["viewer"];
        assert_eq!(viewer["scopes"], json!(ALL));
        assert_eq!(viewer["workspace"]["name"], "default");
        assert_eq!(viewer["token"], Value::Null);
    }
    // API tokens are taken as before.
    assert_eq!(who(&world, &world.token).await.status, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_key_is_taken_on_sqlite() {
    every_kind_of_key_is_taken(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_key_is_taken_on_postgres() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    every_kind_of_key_is_taken(backend).await;
}

#[tokio::test]
async fn a_token_sees_the_workspace_that_it_names_and_no_other() {
    let (world, issuer, key) = usual(&[]).await;
    make_workspace(&world, "Läden").await;
    let (_, stripe_key) = world.account(sandbox::AccountSpec::with_payments(1));
    let theirs = world.connect("Shop", &stripe_key).await;
    let token = key.sign(&claims_with(
        &world,
        &issuer,
        &json!({ "workspace": "Läden" }),
    ));

    let query = "query($id: ID!) { viewer { workspace { name } } connection(id: $id) { id } connections { totalCount } }";
    let answer = world.ask_as(&token, query, json!({ "id": theirs })).await;

    let data = &answer.body["data"];
    assert_eq!(
        data["viewer"]["workspace"]["name"], "Läden",
        "{:#}",
        answer.body
    );
    assert_eq!(data["connection"], Value::Null);
    assert_eq!(data["connections"]["totalCount"], 0);
    world.end().await;
}

#[tokio::test]
async fn scopes_come_as_a_text_or_as_a_list_and_those_of_others_grant_nothing() {
    let (world, issuer, key) = usual(&[]).await;
    for (scopes, expected) in [
        (json!("payments:read  profile"), json!(["PAYMENTS_READ"])),
        (
            json!(["PAYMENTS_READ", "admin", 7]),
            json!(["PAYMENTS_READ"]),
        ),
        (
            json!(["Connections.Read payments:read"]),
            json!(["CONNECTIONS_READ", "PAYMENTS_READ"]),
        ),
        (json!("* payments:* payments:write"), json!([])),
        (json!(""), json!([])),
        (json!({ "payments:read": true }), json!([])),
        (Value::Null, json!([])),
    ] {
        let token = key.sign(&claims_with(&world, &issuer, &json!({ "scope": scopes })));
        let answer = who(&world, &token).await;
        assert_eq!(
            answer.body["data"]["viewer"]["scopes"], expected,
            "{scopes}"
        );
    }

    let none = key.sign(&claims_with(&world, &issuer, &json!({ "scope": null })));
    let refused = world
        .ask_as(&none, "{ payments { nodes { id } } }", json!({}))
        .await;
    assert_eq!(code(&refused.body), "FORBIDDEN");
    assert!(message(&refused.body).contains("PAYMENTS_READ"));
    world.end().await;
}

#[tokio::test]
async fn claims_have_the_names_that_the_operator_says() {
    let key = HostKey::ed25519("one");
    let issuer = Issuer::start(&[&key]).await;
    let names = [
        (
            "INLET_HOST__WORKSPACE_CLAIM",
            "https://inlet.example/workspace",
        ),
        ("INLET_HOST__SCOPES_CLAIM", "/access/in~1let/roles"),
    ];
    let world = world_of(&issuer, &names).await;
    let token = key.sign(&claims_with(&world, &issuer, &json!({
        "workspace": "other", "scope": "tokens:manage", "https://inlet.example/workspace": "default",
        "access": { "in/let": { "roles": ["payments:read"] } }, "aud": ["else", "inlet"],
    })));

    let answer = who(&world, &token).await;

    let viewer = &answer.body["data"]["viewer"];
    assert_eq!(viewer["workspace"]["name"], "default", "{:#}", answer.body);
    assert_eq!(viewer["scopes"], json!(["PAYMENTS_READ"]));
    world.end().await;
}

#[tokio::test]
async fn every_transport_takes_a_token() {
    let (world, issuer, key) = usual(&[]).await;
    let token = key.sign(&claims(&world, &issuer));
    let query = "{ viewer { workspace { name } } }";
    let expected = json!({ "data": { "viewer": { "workspace": { "name": "default" } } } });

    let got = world
        .http
        .get(world.url("/graphql"))
        .query(&[("query", query)]);
    let got = got.header("accept", "application/json").bearer_auth(&token);
    let got = world.send(got).await;
    assert_eq!(got.body["data"], expected["data"], "{:#}", got.body);

    let mut socket = tests::Socket::open(&world.url("/graphql/ws")).await;
    socket.introduce(&token).await;
    socket.subscribe("1", query, json!({})).await;
    assert_eq!(socket.next_of("next").await["data"], expected["data"]);

    for path in ["/graphql", "/graphql/stream"] {
        let posted = world
            .http
            .post(world.url(path))
            .bearer_auth(&token)
            .json(&json!({ "query": query }));
        let (event, data) = Stream::open(posted, "text/event-stream")
            .await
            .next()
            .await
            .unwrap();
        assert_eq!((event.as_str(), &data["data"]), ("next", &expected["data"]));
    }
    world.end().await;
}
