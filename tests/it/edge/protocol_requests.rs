//! GraphQL over HTTP: what is a request, and what is none.

use reqwest::Method;
use serde_json::json;
use tests::World;

use super::ask::{Reply, embedded};

pub(super) const QUERY: &str = "{ viewer { scopes } }";
pub(super) const JSON: &str = "application/json";

pub(super) async fn post(world: &World, media: &str, body: impl Into<reqwest::Body>) -> Reply {
    let request = world
        .http
        .post(world.url("/graphql"))
        .bearer_auth(&world.token);
    Reply::to(request.header("content-type", media).body(body)).await
}

pub(super) async fn get(world: &World, query: &[(&str, &str)]) -> Reply {
    Reply::to(
        world
            .http
            .get(world.url("/graphql"))
            .bearer_auth(&world.token)
            .query(query),
    )
    .await
}

/// Refused as a whole, with a code and the request's id.
pub(super) fn assert_refused(reply: &Reply, status: u16, what: &str) {
    assert_eq!(reply.status, status, "{what}: {}", reply.text);
    let body = reply.json();
    assert_eq!(reply.code(), "BAD_USER_INPUT", "{what}");
    assert!(
        !body["errors"][0]["message"].as_str().unwrap().is_empty(),
        "{what}"
    );
    assert_eq!(
        body["errors"][0]["extensions"]["requestId"],
        reply.header("x-request-id"),
        "{what}"
    );
    assert_eq!(body.get("data"), None, "{what}");
    assert!(reply.header("x-request-id").starts_with("req_"), "{what}");
}

#[tokio::test]
async fn a_query_is_posted_as_json_or_got() {
    let world = embedded().await;
    let body = json!({ "query": QUERY }).to_string();
    let named = "query A { viewer { scopes } } query B { stripePermissions { resource } }";

    let posted = post(&world, JSON, body.clone()).await;
    let with_charset = post(&world, "Application/JSON; charset=\"UTF-8\"", body).await;
    let got = get(&world, &[("query", QUERY)]).await;
    let got_with_all = get(
        &world,
        &[
            ("query", "query($id: ID!) { node(id: $id) { id } }"),
            ("variables", r#"{"id":"x"}"#),
            ("extensions", "{}"),
        ],
    )
    .await;
    let chosen = get(&world, &[("query", named), ("operationName", "B")]).await;
    let nulls = post(
        &world,
        JSON,
        json!({ "query": QUERY, "variables": null, "operationName": null, "extensions": null })
            .to_string(),
    )
    .await;
    let unknown_parameter = post(
        &world,
        JSON,
        json!({ "query": QUERY, "more": [1] }).to_string(),
    )
    .await;

    for reply in [&posted, &with_charset, &got, &nulls, &unknown_parameter] {
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(
            reply.json()["data"]["viewer"]["scopes"]
                .as_array()
                .unwrap()
                .len(),
            4
        );
    }
    assert_eq!(got_with_all.json()["data"], json!({ "node": null }));
    assert_eq!(
        chosen.json()["data"]["stripePermissions"]
            .as_array()
            .unwrap()
            .len(),
        20
    );
    world.end().await;
}

#[tokio::test]
async fn mutations_are_posted_only() {
    let world = embedded().await;
    let create =
        "mutation { createApiToken(input: { name: \"x\", scopes: [PAYMENTS_READ] }) { secret } }";
    let mixed = format!(
        "query Q {{ viewer {{ scopes }} }} mutation M {}",
        create.strip_prefix("mutation").unwrap()
    );

    let named = create.replacen("mutation", "mutation M", 1);
    for query in [
        vec![("query", create)],
        vec![("query", named.as_str())],
        vec![("query", mixed.as_str()), ("operationName", "M")],
    ] {
        let reply = get(&world, &query).await;
        assert_refused(&reply, 405, create);
        assert_eq!(reply.header("allow"), "POST");
    }
    let read = get(&world, &[("query", &mixed), ("operationName", "Q")]).await;
    assert_eq!(read.status, 200);
    let tokens = world
        .server
        .app
        .gateway
        .store()
        .list_tokens(workspace(&world).await)
        .await
        .unwrap();
    assert_eq!(tokens.len(), 1, "a mutation was carried out");
    world.end().await;
}

async fn workspace(world: &World) -> api::ids::WorkspaceId {
    let found = world
        .server
        .app
        .gateway
        .store()
        .find_workspace_by_name("default")
        .await
        .unwrap();
    api::ids::WorkspaceId(found.unwrap().id)
}

#[tokio::test]
async fn subscriptions_are_not_for_http() {
    let world = embedded().await;
    let query = "subscription { importProgress(connectionId: \"x\") { sequence } }";

    let got = get(&world, &[("query", query)]).await;
    let posted = post(&world, JSON, json!({ "query": query }).to_string()).await;

    for reply in [got, posted] {
        assert_refused(&reply, 400, query);
        assert!(reply.text.contains("/graphql/ws"));
    }
    world.end().await;
}

#[tokio::test]
async fn only_json_is_taken() {
    let world = embedded().await;
    let body = json!({ "query": QUERY }).to_string();

    for media in [
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/jsonp",
        "",
        "application/json, text/plain",
    ] {
        assert_refused(&post(&world, media, body.clone()).await, 415, media);
    }
    let request = world
        .http
        .post(world.url("/graphql"))
        .bearer_auth(&world.token)
        .body(body);
    assert_refused(&Reply::to(request).await, 415, "no content type");
    world.end().await;
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let world = embedded().await;

    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let request = world
            .http
            .request(method, world.url("/graphql"))
            .bearer_auth(&world.token);
        let reply = Reply::to(request).await;
        assert_eq!(reply.status, 405);
        assert!(
            reply.header("allow").contains("POST"),
            "{}",
            reply.header("allow")
        );
    }
    world.end().await;
}
