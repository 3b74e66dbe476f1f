//! Sockets and streams end with the token that opened them.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::{Piece, Socket, Stream};

use super::support::{claims, usual};
use crate::edge::code;

const SOON: [(&str, &str); 2] = [
    ("INLET_LIMITS__HEARTBEAT_SECONDS", "1"),
    ("INLET_LIMITS__TOKEN_CHECK_SECONDS", "1"),
];
const WATCH: &str = "subscription { connectionUpdated { id } }";

#[tokio::test]
async fn a_socket_ends_with_its_token_whether_it_has_something_to_do_or_not() {
    let (world, issuer, key) = usual(&SOON).await;
    let token = key.sign(&claims(&world, &issuer));
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let mut socket = Socket::open(&world.url("/graphql/ws")).await;
        socket.introduce(&token).await;
        sockets.push(socket);
    }
    sockets[1].subscribe("1", WATCH, json!({})).await;
    sockets[2]
        .subscribe("1", "{ viewer { scopes } }", json!({}))
        .await;
    assert_eq!(sockets[2].next().await.unwrap()["type"], "next");

    world.clock.advance(TimeDelta::seconds(600 + 60));

    for socket in &mut sockets {
        assert_eq!(socket.closed().await, Some(4403));
    }
    let mut lasting = world.socket().await;
    lasting
        .subscribe("1", "{ viewer { scopes } }", json!({}))
        .await;
    assert_eq!(lasting.next().await.unwrap()["type"], "next");
    world.end().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let (world, issuer, key) = usual(&SOON).await;
    let token = key.sign(&claims(&world, &issuer));
    let request = world
        .http
        .post(world.url("/graphql/stream"))
        .bearer_auth(&token);
    let mut stream = Stream::open(
        request.json(&json!({ "query": WATCH })),
        "text/event-stream",
    )
    .await;
    assert_eq!(stream.piece().await, Some(Piece::Beat));

    world.clock.advance(TimeDelta::seconds(600 + 60));

    let (event, data) = stream.next().await.unwrap();
    assert_eq!((event.as_str(), code(&data)), ("next", "UNAUTHENTICATED"));
    assert_eq!(
        stream.next().await.unwrap(),
        ("complete".to_owned(), Value::Null)
    );
    assert_eq!(stream.next().await, None);
    world.end().await;
}
