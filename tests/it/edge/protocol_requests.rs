//! GraphQL over HTTP: what is a request, and what is none.

use reqwest::Method;
use serde_json::{Value, json};
use tests::World;

use super::ask::{Reply, embedded};

const QUERY: &str = "{ viewer { scopes } }";
const JSON: &str = "application/json";

async fn post(world: &World, media: &str, body: impl Into<reqwest::Body>) -> Reply {
    let request = world
        .http
        .post(world.url("/graphql"))
        .bearer_auth(&world.token);
    Reply::to(request.header("content-type", media).body(body)).await
}

async fn get(world: &World, query: &[(&str, &str)]) -> Reply {
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
fn assert_refused(reply: &Reply, status: u16, what: &str) {
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
    assert_eq!(got_with_all.json(), json!({ "data": { "node": null } }));
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

    for query in [
        vec![("query", create)],
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
        assert_refused(&reply, 405, query);
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

#[tokio::test]
async fn bodies_that_are_no_request_are_refused() {
    let world = embedded().await;
    let good = json!({ "query": QUERY }).to_string();
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut bom = vec![0xef, 0xbb, 0xbf];
    bom.extend(good.as_bytes());
    let deep = format!("{{\"query\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));

    for (what, body) in [
        ("a batch", format!("[{good}]").into_bytes()),
        ("an empty batch", b"[]".to_vec()),
        ("a number", b"7".to_vec()),
        ("a string", b"\"{ viewer { scopes } }\"".to_vec()),
        ("null", b"null".to_vec()),
        ("no JSON", b"{ viewer { scopes } }".to_vec()),
        ("half of it", good.as_bytes()[..good.len() - 2].to_vec()),
        ("more than one", format!("{good}{good}").into_bytes()),
        ("nothing", Vec::new()),
        ("a byte order mark", bom),
        ("UTF-16", utf16),
        (
            "broken UTF-8",
            b"{\"query\":\"{ viewer { scopes } } # \xff\"}".to_vec(),
        ),
        ("NUL", b"{\"query\":\"\x00\"}".to_vec()),
        ("no query", b"{}".to_vec()),
        (
            "an empty query",
            json!({ "query": "" }).to_string().into_bytes(),
        ),
        ("blanks", json!({ "query": " \n" }).to_string().into_bytes()),
        (
            "a query of null",
            json!({ "query": null }).to_string().into_bytes(),
        ),
        (
            "a query that is no text",
            json!({ "query": 7 }).to_string().into_bytes(),
        ),
        (
            "variables that are a list",
            json!({ "query": QUERY, "variables": [7] })
                .to_string()
                .into_bytes(),
        ),
        (
            "variables that are a text",
            json!({ "query": QUERY, "variables": "{}" })
                .to_string()
                .into_bytes(),
        ),
        (
            "a name that is no text",
            json!({ "query": QUERY, "operationName": 7 })
                .to_string()
                .into_bytes(),
        ),
        (
            "extensions that are a list",
            json!({ "query": QUERY, "extensions": [] })
                .to_string()
                .into_bytes(),
        ),
        ("nesting", deep.into_bytes()),
    ] {
        assert_refused(&post(&world, JSON, body).await, 400, what);
    }
    world.end().await;
}

#[tokio::test]
async fn query_strings_that_are_no_request_are_refused() {
    let world = embedded().await;

    for (what, query) in [
        ("no query", vec![("variables", "{}")]),
        ("an empty query", vec![("query", "")]),
        (
            "variables that are no JSON",
            vec![("query", QUERY), ("variables", "{")],
        ),
        (
            "variables that are a list",
            vec![("query", QUERY), ("variables", "[7]")],
        ),
        (
            "extensions that are no JSON",
            vec![("query", QUERY), ("extensions", "x")],
        ),
    ] {
        assert_refused(&get(&world, &query).await, 400, what);
    }
    let nothing = Reply::to(
        world
            .http
            .get(world.url("/graphql"))
            .bearer_auth(&world.token),
    )
    .await;
    assert_refused(&nothing, 400, "no query string");
    let empty = get(
        &world,
        &[("query", QUERY), ("variables", ""), ("operationName", "")],
    )
    .await;
    assert_eq!(empty.status, 200, "{}", empty.text);
    world.end().await;
}

#[tokio::test]
async fn a_parameter_given_twice_is_refused_in_graphql_s_form() {
    let world = embedded().await;

    assert_refused(
        &get(&world, &[("query", QUERY), ("query", QUERY)]).await,
        400,
        "two queries",
    );
    let twice = format!("{{\"query\":{0},\"query\":{0}}}", json!(QUERY));
    let reply = post(&world, JSON, twice).await;
    // JSON leaves open what a second key means; it must be one of both, and no crash.
    assert!(matches!(reply.status, 200 | 400), "{}", reply.text);
    assert_ne!(reply.json(), Value::Null);
    world.end().await;
}

#[tokio::test]
async fn requests_that_are_too_large_are_refused() {
    let world = embedded().await;
    let of =
        |bytes: usize| json!({ "query": format!("{QUERY} #{}", "x".repeat(bytes)) }).to_string();

    let most = post(&world, JSON, of(262_000)).await;
    let more = post(&world, JSON, of(262_144)).await;
    let much_more = post(&world, JSON, of(1_100_000)).await;

    assert_eq!(most.status, 200);
    assert_refused(&more, 413, "more than 256 KiB");
    assert_refused(&much_more, 413, "more than 1 MiB");
    world.end().await;
}
