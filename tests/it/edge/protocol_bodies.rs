//! GraphQL over HTTP: bodies and query strings that are no request.

use serde_json::{Value, json};

use super::{
    ask::{Reply, embedded},
    protocol_requests::{JSON, QUERY, assert_refused, get, post},
};

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
