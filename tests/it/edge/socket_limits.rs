//! Sockets: how long, how many, how much.

use std::time::Duration;

use serde_json::json;
use tests::{Socket, World};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    ask::{embedded_with, token_of},
    socket_protocol::{CHANGES, open},
    subscription::refusal,
};

#[tokio::test]
async fn who_does_not_introduce_itself_in_time_is_sent_away() {
    let world = embedded_with(&[("INLET_LIMITS__SOCKET_INIT_SECONDS", "1")]).await;
    let mut introduced = world.socket().await;
    let mut silent = open(&world).await;
    let mut busy = open(&world).await;
    busy.send(json!({ "type": "ping" })).await;

    assert_eq!(silent.closed().await, Some(4408));
    assert_eq!(busy.closed().await, Some(4408));

    introduced.subscribe("1", "{ __typename }", json!({})).await;
    assert_eq!(introduced.next().await.unwrap()["type"], "next");
    world.end().await;
}

#[tokio::test]
async fn a_socket_has_so_many_operations_at_once() {
    let world = embedded_with(&[("INLET_LIMITS__SOCKET_OPERATIONS", "2")]).await;
    let mut socket = world.socket().await;

    socket.subscribe("1", CHANGES, json!({})).await;
    socket.subscribe("2", CHANGES, json!({})).await;
    socket.subscribe("3", CHANGES, json!({})).await;
    let errors = refusal(&mut socket).await;
    assert_eq!(errors[0]["extensions"]["code"], "RATE_LIMITED");

    socket.send(json!({ "id": "2", "type": "complete" })).await;
    socket.subscribe("3", "{ __typename }", json!({})).await;
    assert_eq!(socket.next().await.unwrap()["type"], "next");
    world.end().await;
}

/// Opens sockets of a token until one is taken; a place is free a moment after its socket is closed.
async fn taken(world: &World, token: &str) -> Socket {
    let payload = json!({ "Authorization": format!("Bearer {token}") });
    let trying = async {
        loop {
            let mut socket = open(world).await;
            let init = json!({ "type": "connection_init", "payload": payload });
            socket.send(init).await;
            if socket.next().await.is_ok() {
                return socket;
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(30), trying).await;
    found.expect("a place becomes free")
}

#[tokio::test]
async fn a_token_has_so_many_sockets_and_others_are_not_troubled() {
    let world = embedded_with(&[("INLET_LIMITS__SOCKETS_PER_TOKEN", "2")]).await;
    let other = token_of(&world, "other", &[]).await;
    let mut first = world.socket().await;
    let _second = world.socket().await;

    let mut third = open(&world).await;
    let bearer = format!("Bearer {}", world.token);
    let init = json!({ "type": "connection_init", "payload": { "Authorization": bearer } });
    third.send(init).await;
    assert_eq!(third.closed().await, Some(4429));
    let mut theirs = open(&world).await;
    theirs.introduce(&other).await;
    let mut nobodys = open(&world).await;
    nobodys.send(json!({ "type": "connection_init" })).await;
    assert_eq!(nobodys.next().await.unwrap()["type"], "connection_ack");

    first.subscribe("1", "{ __typename }", json!({})).await;
    assert_eq!(first.next().await.unwrap()["type"], "next");
    drop(first);
    drop(taken(&world, &world.token).await);
    world.end().await;
}

#[tokio::test]
async fn who_answers_no_ping_is_sent_away() {
    let world = embedded_with(&[("INLET_LIMITS__HEARTBEAT_SECONDS", "1")]).await;
    let address = world.server.address;
    let mut deaf = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /graphql/ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    );
    deaf.write_all(request.as_bytes()).await.unwrap();
    let mut told = Vec::new();

    let reading = deaf.read_to_end(&mut told);
    let read = tokio::time::timeout(Duration::from_secs(30), reading).await;

    read.expect("the socket ends").unwrap();
    let head = told.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let frames = &told[head.unwrap() + 4..];
    let (ping, close) = (
        &[0x89, 0][..],
        [&[0x88, 9][..], &3008_u16.to_be_bytes()].concat(),
    );
    assert!(frames.starts_with(ping), "{frames:?}");
    assert!(frames[2..].starts_with(&close), "{frames:?}");
    assert!(frames.ends_with(b"Timeout"), "{frames:?}");
    world.end().await;
}

#[tokio::test]
async fn a_query_over_a_socket_may_take_as_long_as_any() {
    let world = embedded_with(&[("INLET_LIMITS__QUERY_TIMEOUT_SECONDS", "1")]).await;
    let slow = sandbox::Latency::fixed(Duration::from_secs(20));
    let (_, key) = world.account(sandbox::AccountSpec::with_payments(5));
    world.stripe.faults().latency(slow);
    let check = "mutation($key: String!) { checkApiKey(input: { apiKey: $key }) { livemode } }";
    let mut socket = world.socket().await;

    socket.subscribe("slow", check, json!({ "key": key })).await;
    socket.subscribe("quick", "{ __typename }", json!({})).await;

    // The slow one is in nobody's way.
    assert_eq!(socket.next().await.unwrap()["id"], "quick");
    assert_eq!(socket.next().await.unwrap()["type"], "complete");
    let message = socket.next().await.unwrap();
    assert_eq!(
        (&message["id"], &message["type"]),
        (&json!("slow"), &json!("error"))
    );
    assert_eq!(message["payload"][0]["extensions"]["code"], "UNAVAILABLE");
    world.end().await;
}
