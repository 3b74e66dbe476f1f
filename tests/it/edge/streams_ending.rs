//! How streams end, and how many there may be.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Piece, Stream, World};

use super::{
    ask::{Reply, code, embedded, embedded_with, token_of},
    socket_protocol::open,
    socket_tokens::revoke,
    streams::{EVENTS, PARTS, post},
};

const WATCH: &str = "subscription { connectionUpdated { id } }";

async fn watch(world: &World, token: &str, media: &str) -> Stream {
    let mut stream = Stream::open(post(world, token, WATCH, &json!({})), media).await;
    assert_eq!(stream.response.status(), 200);
    // The first sign of life comes at once.
    assert_eq!(stream.piece().await, Some(Piece::Beat));
    stream
}

#[tokio::test]
async fn a_stream_that_has_nothing_to_tell_gives_signs_of_life() {
    let world = embedded_with(&[("INLET_LIMITS__HEARTBEAT_SECONDS", "1")]).await;

    for media in [EVENTS, PARTS] {
        let mut stream = watch(&world, &world.token, media).await;
        assert_eq!(stream.piece().await, Some(Piece::Beat), "{media}");
        assert_eq!(stream.piece().await, Some(Piece::Beat), "{media}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let world = embedded_with(&[("INLET_LIMITS__TOKEN_CHECK_SECONDS", "1")]).await;
    let token = token_of(&world, "default", &[]).await;
    let mut events = watch(&world, &token, EVENTS).await;
    let mut parts = watch(&world, &token, PARTS).await;

    revoke(&world, &token).await;

    let (event, data) = events.next().await.unwrap();
    assert_eq!((event.as_str(), code(&data)), ("next", "UNAUTHENTICATED"));
    assert_eq!(
        events.next().await.unwrap(),
        ("complete".to_owned(), Value::Null)
    );
    assert_eq!(events.next().await, None);
    let (_, part) = parts.next().await.unwrap();
    assert_eq!(code(&part["payload"]), "UNAUTHENTICATED");
    assert_eq!((parts.next().await, parts.rest()), (None, "--\r\n"));
    world.end().await;
}

#[tokio::test]
async fn a_shutdown_ends_streams_without_saying_that_they_are_complete() {
    let world = embedded().await;
    let mut events = watch(&world, &world.token, EVENTS).await;
    let mut parts = watch(&world, &world.token, PARTS).await;

    let reading = async {
        assert_eq!(events.next().await, None);
        let (_, part) = parts.next().await.unwrap();
        assert_eq!(
            (code(&part), &part["payload"]),
            ("UNAVAILABLE", &Value::Null)
        );
        assert_eq!((parts.next().await, parts.rest()), (None, "--\r\n"));
    };
    tokio::join!(world.end(), reading);
}

#[tokio::test]
async fn streams_and_sockets_share_the_places_of_a_token() {
    let world = embedded_with(&[("INLET_LIMITS__SOCKETS_PER_TOKEN", "2")]).await;
    let first = watch(&world, &world.token, EVENTS).await;
    let _socket = world.socket().await;

    let third =
        Reply::to(post(&world, &world.token, WATCH, &json!({})).header("accept", PARTS)).await;
    assert_eq!((third.status, third.code().as_str()), (429, "RATE_LIMITED"));
    assert!(!third.header("retry-after").is_empty());
    let mut another = open(&world).await;
    let bearer = format!("Bearer {}", world.token);
    let init = json!({ "type": "connection_init", "payload": { "Authorization": bearer } });
    another.send(init).await;
    assert_eq!(another.closed().await, Some(4429));
    // A query takes no place, however it is answered.
    let query = post(&world, &world.token, "{ __typename }", &json!({})).header("accept", EVENTS);
    assert_eq!(Reply::to(query).await.status, 200);

    drop(first);
    let freed = async {
        loop {
            let again = post(&world, &world.token, WATCH, &json!({}));
            if Stream::open(again, EVENTS).await.response.status() == 200 {
                return;
            }
        }
    };
    let freed = tokio::time::timeout(Duration::from_secs(30), freed).await;
    freed.expect("a place becomes free");
    world.end().await;
}
