//! GraphQL over HTTP: what answers look like.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tests::World;

use super::ask::{Reply, embedded, token_of};

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

pub(super) fn request(world: &World, body: &Value) -> RequestBuilder {
    world
        .http
        .post(world.url("/graphql"))
        .bearer_auth(&world.token)
        .json(body)
}

async fn ask(world: &World, accept: &str, body: Value) -> Reply {
    Reply::to(request(world, &body).header("accept", accept)).await
}

/// Operations that fail before they are executed.
fn failing() -> Vec<(&'static str, Value)> {
    vec![
        ("a syntax error", json!({ "query": "{ viewer {" })),
        (
            "an unknown field",
            json!({ "query": "{ viewer { shoeSize } }" }),
        ),
        ("no selection", json!({ "query": "{ viewer }" })),
        (
            "an unknown argument",
            json!({ "query": "{ payments(offset: 5) { totalCount } }" }),
        ),
        (
            "an unknown name",
            json!({ "query": "query A { viewer { scopes } }", "operationName": "B" }),
        ),
        (
            "no name of two",
            json!({ "query": "query A { viewer { scopes } } query B { viewer { scopes } }" }),
        ),
        (
            "a variable of a wrong type",
            json!({ "query": "query($n: Int) { payments(first: $n) { totalCount } }", "variables": { "n": "five" } }),
        ),
        (
            "a variable that is not declared",
            json!({ "query": "{ node(id: $id) { id } }" }),
        ),
        (
            "a fragment of itself",
            json!({ "query": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }" }),
        ),
        (
            "a fragment that is missing",
            json!({ "query": "{ ...Nothing }" }),
        ),
        (
            "only a fragment",
            json!({ "query": "fragment A on Query { viewer { scopes } }" }),
        ),
        (
            "an unknown directive",
            json!({ "query": "{ viewer @defer { scopes } }" }),
        ),
    ]
}

#[tokio::test]
async fn a_request_that_fails_has_no_data_and_its_own_status_where_the_client_knows_it() {
    let world = embedded().await;

    for (what, body) in failing() {
        let strict = ask(&world, GRAPHQL, body.clone()).await;
        let older = ask(&world, JSON, body).await;

        assert_eq!(
            (strict.status, older.status),
            (400, 200),
            "{what}: {}",
            strict.text
        );
        assert!(strict.header("content-type").starts_with(GRAPHQL), "{what}");
        assert!(older.header("content-type").starts_with(JSON), "{what}");
        for reply in [strict, older] {
            assert_eq!(reply.json().get("data"), None, "{what}: {}", reply.text);
            assert_eq!(reply.code(), "BAD_USER_INPUT", "{what}");
            assert_eq!(
                reply.json()["errors"][0]["extensions"]["requestId"],
                reply.header("x-request-id"),
                "{what}"
            );
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_variable_that_is_missing_fails_the_request() {
    let world = embedded().await;

    for variables in [json!({}), json!({ "id": null })] {
        let body =
            json!({ "query": "query($id: ID!) { node(id: $id) { id } }", "variables": variables });
        let reply = ask(&world, GRAPHQL, body).await;
        assert_eq!(
            (reply.status, reply.json().get("data")),
            (400, None),
            "{}",
            reply.text
        );
        assert_eq!(reply.code(), "BAD_USER_INPUT");
    }
    world.end().await;
}

#[tokio::test]
async fn an_answer_with_data_is_200_also_beside_errors() {
    let world = embedded().await;
    let partial = json!({ "query": "{ viewer { scopes } node(id: \"x\") { id } }" });
    let failed_field = json!({ "query": "{ payments(first: 0) { totalCount } }" });
    let forbidden = token_of(&world, "default", &["PAYMENTS_READ"]).await;
    let nullable = json!({ "query": "{ a: connection(id: \"x\") { id } viewer { scopes } }" });

    let whole = ask(&world, GRAPHQL, partial).await;
    let null = ask(&world, GRAPHQL, failed_field).await;
    let beside = world
        .http
        .post(world.url("/graphql"))
        .bearer_auth(forbidden)
        .json(&nullable)
        .header("accept", GRAPHQL);
    let beside = Reply::to(beside).await;

    assert_eq!((whole.status, whole.json().get("errors")), (200, None));
    assert_eq!((null.status, &null.json()["data"]), (200, &Value::Null));
    assert_eq!(null.json()["errors"][0]["path"], json!(["payments"]));
    assert_eq!(beside.status, 200);
    assert_eq!(
        beside.json()["data"],
        json!({ "a": null, "viewer": { "scopes": ["PAYMENTS_READ"] } })
    );
    assert_eq!(beside.code(), "FORBIDDEN");
    world.end().await;
}

#[tokio::test]
async fn answers_are_in_what_the_client_accepts() {
    let world = embedded().await;
    let body = json!({ "query": "{ viewer { scopes } }" });

    for (accept, media) in [
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (
            "application/graphql-response+json, application/json;q=0.9",
            GRAPHQL,
        ),
        ("text/html, application/json;q=0.9", JSON),
        ("application/graphql-response+json; charset=utf-8", GRAPHQL),
        ("APPLICATION/JSON", JSON),
    ] {
        let reply = ask(&world, accept, body.clone()).await;
        assert_eq!(reply.status, 200, "{accept}");
        assert_eq!(
            reply.header("content-type"),
            format!("{media}; charset=utf-8"),
            "{accept}"
        );
    }
    for accept in [
        "text/plain",
        "application/xml",
        "image/png, text/html;q=0.5",
        "application/json;q=0",
    ] {
        let reply = ask(&world, accept, body.clone()).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (406, "BAD_USER_INPUT"),
            "{accept}"
        );
    }
    let silent = Reply::to(request(&world, &body)).await;
    assert_eq!(
        silent.header("content-type"),
        format!("{JSON}; charset=utf-8")
    );
    world.end().await;
}

#[tokio::test]
async fn quality_decides_between_media_types() {
    let world = embedded().await;
    let body = json!({ "query": "{ viewer { scopes } }" });

    let reply = ask(
        &world,
        "application/json;q=0.5, application/graphql-response+json;q=0.9",
        body,
    )
    .await;

    assert_eq!(
        reply.header("content-type"),
        format!("{GRAPHQL}; charset=utf-8")
    );
    world.end().await;
}
