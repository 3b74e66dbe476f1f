//! graphql-transport-ws: how sockets end, and with which code.

use sandbox::AccountSpec;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::{
    ask::{embedded, embedded_with},
    shop::Shop,
    socket_protocol::{CHANGES, PROGRESS, open},
};

#[tokio::test]
async fn a_wrong_token_closes_the_socket_as_forbidden() {
    let world = embedded().await;
    let unknown = format!("inl_{}", "A".repeat(world.token.len() - 4));

    for value in [
        format!("Bearer {unknown}"),
        "Bearer x".to_owned(),
        world.token.clone(),
        String::new(),
    ] {
        let mut socket = open(&world).await;
        socket
            .send(json!({ "type": "connection_init", "payload": { "Authorization": value } }))
            .await;
        assert_eq!(socket.closed().await, Some(4403), "{value}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_second_introduction_closes_the_socket() {
    let world = embedded().await;
    let mut socket = world.socket().await;

    socket.send(json!({ "type": "connection_init" })).await;

    assert_eq!(socket.closed().await, Some(4429));
    world.end().await;
}

#[tokio::test]
async fn nothing_is_done_before_the_introduction() {
    let world = embedded().await;
    let mut socket = open(&world).await;

    socket.subscribe("1", "{ __typename }", json!({})).await;

    assert_eq!(socket.closed().await, Some(4401));
    world.end().await;
}

#[tokio::test]
async fn a_malformed_message_closes_the_socket() {
    let world = embedded().await;

    for wrong in [
        json!([]),
        json!({ "type": "shout" }),
        json!({ "type": "subscribe" }),
        json!("ping"),
        json!({ "type": "next", "id": "1", "payload": {} }),
        json!({ "type": "connection_ack" }),
        json!({ "type": "subscribe", "id": "", "payload": { "query": "{ __typename }" } }),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": 7 } }),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ __typename }", "variables": [] } }),
        json!({ "type": "complete" }),
    ] {
        let mut socket = world.socket().await;
        socket.send(wrong.clone()).await;
        assert_eq!(socket.closed().await, Some(4400), "{wrong}");
    }
    world.end().await;
}

#[tokio::test]
async fn what_is_no_json_text_closes_the_socket_too_before_or_after_the_introduction() {
    let world = embedded().await;

    for wrong in [
        Message::text(""),
        Message::text("{\"type\":\"ping\""),
        Message::binary(b"{\"type\":\"ping\"}".to_vec()),
    ] {
        for mut socket in [open(&world).await, world.socket().await] {
            socket.send_frame(wrong.clone()).await;
            assert_eq!(socket.closed().await, Some(4400), "{wrong}");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn an_operation_under_an_id_that_is_taken_closes_the_socket() {
    let world = embedded().await;
    let mut socket = world.socket().await;

    socket.subscribe("1", CHANGES, json!({})).await;
    socket.subscribe("2", CHANGES, json!({})).await;
    socket.subscribe("1", "{ __typename }", json!({})).await;

    assert_eq!(socket.closed().await, Some(4409));
    world.end().await;
}

#[tokio::test]
async fn an_id_is_free_again_when_its_operation_is_over() {
    let world = embedded().await;
    let mut socket = world.socket().await;

    socket.subscribe("1", CHANGES, json!({})).await;
    socket.send(json!({ "id": "1", "type": "complete" })).await;
    for query in ["{ __typename }", "{ nothing }", "{ __typename }"] {
        socket.subscribe("1", query, json!({})).await;
        let first = socket.next().await.unwrap();
        if first["type"] == "next" {
            assert_eq!(socket.next().await.unwrap()["type"], "complete");
        } else {
            assert_eq!(first["type"], "error", "{first:#}");
        }
    }
    // An operation that nobody has is completed by nobody.
    socket.send(json!({ "id": "9", "type": "complete" })).await;
    socket.send(json!({ "type": "ping" })).await;
    assert_eq!(socket.next().await.unwrap(), json!({ "type": "pong" }));
    world.end().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_closes_the_socket() {
    let world = embedded_with(&[("INLET_LIMITS__SOCKET_MESSAGE_BYTES", "2000")]).await;
    let query = |bytes: usize| format!("{{ viewer {{ scopes }} }} #{}", "x".repeat(bytes));

    for bytes in [2_000, 3_000, 5_000, 200_000] {
        let mut socket = world.socket().await;
        socket.subscribe("1", &query(bytes), json!({})).await;
        assert_eq!(socket.closed().await, Some(1009), "{bytes}");
    }
    let mut fine = world.socket().await;
    fine.subscribe("1", &query(1_000), json!({})).await;
    assert_eq!(fine.next().await.unwrap()["type"], "next");
    world.end().await;
}

#[tokio::test]
async fn a_shutdown_closes_open_sockets() {
    let world = embedded().await;
    let shop = Shop::open(&world, "Shop", AccountSpec::with_payments(30)).await;
    let connection = shop.connection.clone();
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let mut socket = world.socket().await;
        socket
            .subscribe("1", PROGRESS, json!({ "id": connection }))
            .await;
        assert_eq!(socket.next().await.unwrap()["type"], "next");
        sockets.push(socket);
    }
    drop(shop);

    let started = std::time::Instant::now();
    world.end().await;

    assert!(
        started.elapsed().as_secs() < 5,
        "it took {:?}",
        started.elapsed()
    );
    for mut socket in sockets {
        assert_eq!(socket.closed().await, Some(1001));
    }
}
