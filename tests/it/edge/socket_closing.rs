//! graphql-transport-ws: how sockets end, and with which code.

use sandbox::AccountSpec;
use serde_json::json;
use tests::Socket;

use super::{
    ask::{embedded, embedded_with},
    shop::Shop,
    socket_protocol::{PROGRESS, open},
};

/// The code that the socket is closed with, after whatever comes before.
async fn closed(socket: &mut Socket) -> Option<u16> {
    loop {
        if let Err(frame) = socket.next().await {
            return frame.map(|frame| frame.code.into());
        }
    }
}

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
        assert_eq!(closed(&mut socket).await, Some(4403), "{value}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_second_introduction_closes_the_socket() {
    let world = embedded().await;
    let mut socket = world.socket().await;

    socket.send(json!({ "type": "connection_init" })).await;

    assert_eq!(closed(&mut socket).await, Some(4429));
    world.end().await;
}

#[tokio::test]
async fn nothing_is_done_before_the_introduction() {
    let world = embedded().await;
    let mut socket = open(&world).await;

    socket.subscribe("1", "{ __typename }", json!({})).await;

    assert_eq!(closed(&mut socket).await, Some(4401));
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
    ] {
        let mut socket = world.socket().await;
        socket.send(wrong.clone()).await;
        assert_eq!(closed(&mut socket).await, Some(4400), "{wrong}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_socket() {
    let world = embedded_with(&[("INLET_LIMITS__SOCKET_MESSAGE_BYTES", "2000")]).await;
    let mut socket = world.socket().await;

    socket
        .subscribe(
            "1",
            &format!("{{ viewer {{ scopes }} }} #{}", "x".repeat(5_000)),
            json!({}),
        )
        .await;

    assert!(socket.next().await.is_err());
    let mut fine = world.socket().await;
    fine.subscribe("1", "{ viewer { scopes } }", json!({}))
        .await;
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
        assert_eq!(closed(&mut socket).await, Some(1001));
    }
}
