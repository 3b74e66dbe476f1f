//! Subscriptions, and whatever else, as server-sent events and as multipart answers.

use std::{fmt::Write, time::Duration};

use reqwest::RequestBuilder;
use sandbox::{AccountSpec, Latency};
use serde_json::{Value, json};
use tests::{Stream, World, on_every_backend};

use super::ask::{Reply, code, embedded, token_of};

pub(super) const EVENTS: &str = "text/event-stream";
pub(super) const PARTS: &str = r#"multipart/mixed;boundary="graphql";subscriptionSpec=1.0"#;

const PROGRESS: &str = "subscription($id: ID!) { importProgress(connectionId: $id) { status sequence importedPayments } }";

pub(super) fn post(world: &World, token: &str, query: &str, variables: &Value) -> RequestBuilder {
    let body = json!({ "query": query, "variables": variables });
    world
        .http
        .post(world.url("/graphql"))
        .bearer_auth(token)
        .json(&body)
}

pub(super) fn get(world: &World, path: &str, query: &str, variables: &Value) -> RequestBuilder {
    let parameters = [
        ("query", query.to_owned()),
        ("variables", variables.to_string()),
    ];
    world
        .http
        .get(world.url(path))
        .bearer_auth(&world.token)
        .query(&parameters)
}

/// What is told of an import until it has succeeded.
async fn followed(mut stream: Stream) -> Vec<Value> {
    let mut seen = Vec::new();
    loop {
        let (event, mut data) = stream.next().await.unwrap();
        if event == "part" {
            data = data["payload"].take();
        } else {
            assert_eq!(event, "next", "{data:#}");
        }
        let progress = data["data"]["importProgress"].take();
        let over = progress["status"] == "SUCCEEDED";
        assert!(progress.is_object(), "{data:#}");
        seen.push(progress);
        if over {
            return seen;
        }
    }
}

on_every_backend! {
    async fn an_import_is_followed_by_events_and_by_parts(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(300));
        world.stripe.faults().latency_on("/v1/", Latency::fixed(Duration::from_millis(100)));
        let connection = json!({ "id": world.connect("Shop", &key).await });
        let token = &world.token;

        let (events, parts, got, streamed) = tokio::join!(
            async { followed(Stream::open(post(world, token, PROGRESS, &connection), EVENTS).await).await },
            async { followed(Stream::open(post(world, token, PROGRESS, &connection), PARTS).await).await },
            async { followed(Stream::open(get(world, "/graphql", PROGRESS, &connection), EVENTS).await).await },
            async { followed(Stream::open(get(world, "/graphql/stream", PROGRESS, &connection), EVENTS).await).await },
        );

        for seen in [events, parts, got, streamed] {
            assert!(seen.len() > 1, "the import was not followed: {seen:#?}");
            assert_eq!(seen.last().unwrap()["importedPayments"], "300");
        }
    }
}

#[tokio::test]
async fn answers_say_what_they_are_and_that_nobody_may_keep_them() {
    let world = embedded().await;
    let query = "subscription { connectionUpdated { id } }";

    for (media, written) in [(EVENTS, "text/event-stream; charset=utf-8"), (PARTS, PARTS)] {
        let stream = Stream::open(post(&world, &world.token, query, &json!({})), media).await;
        let header = |name: &str| stream.response.headers()[name].to_str().unwrap();
        assert_eq!(stream.response.status(), 200);
        assert_eq!(header("content-type"), written);
        assert!(header("cache-control").contains("no-cache"));
        assert!(header("x-request-id").starts_with("req_"));
    }
    world.end().await;
}

#[tokio::test]
async fn a_query_is_one_event_and_the_end() {
    let world = embedded().await;
    let query = "{ viewer { workspace { name } } }";
    let data = json!({ "viewer": { "workspace": { "name": "default" } } });

    for request in [
        post(&world, &world.token, query, &json!({})),
        get(&world, "/graphql/stream", query, &json!({})),
    ] {
        let mut stream = Stream::open(request, EVENTS).await;
        let (event, told) = stream.next().await.unwrap();
        assert_eq!((event.as_str(), &told["data"]), ("next", &data));
        let end = ("complete".to_owned(), Value::Null);
        assert_eq!(stream.next().await, Some(end));
        assert_eq!(stream.next().await, None);
    }
    let mut parts = Stream::open(post(&world, &world.token, query, &json!({})), PARTS).await;
    assert_eq!(parts.next().await.unwrap().1["payload"]["data"], data);
    assert_eq!((parts.next().await, parts.rest()), (None, "--\r\n"));
    // Who also takes JSON gets it, as long as there is one result only.
    let both = format!("{PARTS}, application/json");
    let both = post(&world, &world.token, query, &json!({})).header("accept", both);
    assert_eq!(Reply::to(both).await.json()["data"], data);
    world.end().await;
}

/// Operations that are refused, with the code of the refusal.
fn refused() -> Vec<(String, &'static str)> {
    let mut doubling = "subscription { ...f0 }".to_owned();
    for index in 0..30 {
        let next = index + 1;
        write!(
            doubling,
            " fragment f{index} on Subscription {{ ...f{next} ...f{next} }}"
        )
        .unwrap();
    }
    doubling.push_str(" fragment f30 on Subscription { connectionUpdated { id } }");
    let level = "imports(first: 100) { nodes { connection { ";
    let pages = format!(
        "subscription {{ connectionUpdated {{ {} id {} }} }}",
        level.repeat(3),
        "} } } ".repeat(3)
    );
    let deep = format!("{{ {} id {} }}", "a { ".repeat(60), "} ".repeat(60));
    [
        (doubling.as_str(), "QUERY_TOO_COMPLEX"),
        (pages.as_str(), "QUERY_TOO_COMPLEX"),
        (deep.as_str(), "QUERY_TOO_COMPLEX"),
        ("{ nothing }", "BAD_USER_INPUT"),
        ("subscription {", "BAD_USER_INPUT"),
        (
            "subscription { connectionUpdated(connectionId: \"x\") { id } }",
            "BAD_USER_INPUT",
        ),
        (
            "query A { viewer { scopes } } query B { viewer { scopes } }",
            "BAD_USER_INPUT",
        ),
    ]
    .map(|(query, code)| (query.to_owned(), code))
    .into()
}

#[tokio::test]
async fn what_is_refused_is_refused_on_every_transport() {
    let world = embedded().await;
    let mut socket = world.socket().await;

    for (query, expected) in refused() {
        let shown = &query[..query.len().min(80)];
        let mut answers = Vec::new();
        for media in [EVENTS, PARTS] {
            let mut stream =
                Stream::open(post(&world, &world.token, &query, &json!({})), media).await;
            assert_eq!(stream.response.status(), 200, "{shown}");
            let (_, mut told) = stream.next().await.unwrap();
            if media == PARTS {
                told = told["payload"].take();
                assert_eq!(
                    (stream.next().await, stream.rest()),
                    (None, "--\r\n"),
                    "{shown}"
                );
            } else {
                assert_eq!(stream.next().await.unwrap().0, "complete", "{shown}");
                assert_eq!(stream.next().await, None, "{shown}");
            }
            answers.push(told);
        }
        socket.subscribe("1", &query, json!({})).await;
        answers.push(json!({ "errors": socket.next_of("error").await }));
        for answer in answers {
            assert_eq!(code(&answer), expected, "{shown}: {answer:#}");
            assert_eq!(answer.get("data"), None, "{shown}");
            assert!(answer["errors"][0]["extensions"]["requestId"].is_string());
        }
    }
    world.end().await;
}

#[tokio::test]
async fn who_may_not_ask_may_not_watch() {
    let world = embedded().await;
    let watch = "subscription { connectionUpdated { id } }";
    let scopes = token_of(&world, "default", &["PAYMENTS_READ"]).await;

    let wrong = post(&world, "inl_x", watch, &json!({})).header("accept", EVENTS);
    let wrong = Reply::to(wrong).await;
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (401, "UNAUTHENTICATED")
    );
    for (request, expected) in [
        (post(&world, &scopes, watch, &json!({})), "FORBIDDEN"),
        (
            world
                .http
                .post(world.url("/graphql"))
                .json(&json!({ "query": watch })),
            "UNAUTHENTICATED",
        ),
    ] {
        let mut stream = Stream::open(request, EVENTS).await;
        assert_eq!(code(&stream.next().await.unwrap().1), expected);
        assert_eq!(stream.next().await.unwrap().0, "complete");
    }
    world.end().await;
}

#[tokio::test]
async fn what_http_refuses_is_refused_as_ever() {
    let world = embedded().await;
    let create =
        "mutation { createApiToken(input: { name: \"x\", scopes: [PAYMENTS_READ] }) { secret } }";
    let body = json!({ "query": "{ __typename }" }).to_string();
    let text = world
        .http
        .post(world.url("/graphql/stream"))
        .header("content-type", "text/plain")
        .body(body);

    let mutation =
        Reply::to(get(&world, "/graphql/stream", create, &json!({})).header("accept", EVENTS))
            .await;
    let text = Reply::to(text.header("accept", EVENTS)).await;
    let nothing = Reply::to(
        world
            .http
            .get(world.url("/graphql/stream"))
            .header("accept", EVENTS),
    )
    .await;
    let other = post(&world, &world.token, "{ __typename }", &json!({}))
        .header("accept", "multipart/mixed");

    assert_eq!((mutation.status, mutation.header("allow")), (405, "POST"));
    assert_eq!((text.status, nothing.status), (415, 400));
    assert_eq!(Reply::to(other).await.status, 406);
    world.end().await;
}
