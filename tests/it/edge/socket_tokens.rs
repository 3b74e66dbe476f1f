//! Sockets end with the token that opened them; and whose pages may open them.

use std::time::Duration;

use api::app::{NewTokenOrder, create_token};
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde_json::json;
use tests::{Socket, World};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, client::IntoClientRequest},
};

use super::{
    ask::{embedded, embedded_with, token_of},
    socket_protocol::{CHANGES, open},
};

async fn brief_token(world: &World) -> String {
    let order = NewTokenOrder {
        workspace: "default".to_owned(),
        name: "brief".to_owned(),
        scopes: Vec::new(),
        expires_in: Some(Duration::from_hours(1)),
    };
    let token = create_token(&world.server.app, order).await.unwrap();
    token.expose_secret().to_owned()
}

/// Revokes a token.
pub(super) async fn revoke(world: &World, token: &str) {
    let viewer = world.ask_as(token, "{ viewer { token { id } } }", json!({}));
    let id = viewer.await.body["data"]["viewer"]["token"]["id"].take();
    let revoke =
        "mutation($id: ID!) { revokeApiToken(input: { tokenId: $id }) { errors { message } } }";
    let done = world.data(revoke, json!({ "id": id })).await;
    assert_eq!(done["revokeApiToken"]["errors"], json!([]));
}

async fn introduced(world: &World, token: &str) -> Socket {
    let mut socket = open(world).await;
    socket.introduce(token).await;
    socket
}

#[tokio::test]
async fn a_socket_ends_with_its_token_whether_it_has_something_to_do_or_not() {
    let world = embedded_with(&[("INLET_LIMITS__HEARTBEAT_SECONDS", "1")]).await;
    let brief = brief_token(&world).await;
    let mut idle = introduced(&world, &brief).await;
    let mut asking = introduced(&world, &brief).await;
    let mut lasting = world.socket().await;

    world.clock.advance(TimeDelta::hours(2));

    asking
        .subscribe("1", "{ viewer { scopes } }", json!({}))
        .await;
    assert_eq!(asking.closed().await, Some(4403));
    assert_eq!(idle.closed().await, Some(4403));
    lasting
        .subscribe("1", "{ viewer { scopes } }", json!({}))
        .await;
    assert_eq!(lasting.next().await.unwrap()["type"], "next");
    world.end().await;
}

#[tokio::test]
async fn a_token_that_is_revoked_ends_its_sockets() {
    let world = embedded_with(&[
        ("INLET_LIMITS__TOKEN_CHECK_SECONDS", "1"),
        ("INLET_LIMITS__HEARTBEAT_SECONDS", "1"),
    ])
    .await;
    let token = token_of(&world, "default", &[]).await;
    let mut idle = introduced(&world, &token).await;
    let mut watching = introduced(&world, &token).await;
    watching.subscribe("1", CHANGES, json!({})).await;
    watching
        .subscribe("2", "{ viewer { scopes } }", json!({}))
        .await;
    assert_eq!(watching.next().await.unwrap()["id"], "2");

    revoke(&world, &token).await;

    assert_eq!(watching.closed().await, Some(4403));
    assert_eq!(idle.closed().await, Some(4403));
    world.end().await;
}

#[tokio::test]
async fn a_token_that_is_rotated_ends_its_sockets_when_its_time_is_over() {
    let world = embedded_with(&[
        ("INLET_LIMITS__TOKEN_CHECK_SECONDS", "1"),
        ("INLET_LIMITS__HEARTBEAT_SECONDS", "1"),
    ])
    .await;
    let token = token_of(&world, "default", &[]).await;
    let mut idle = introduced(&world, &token).await;
    let mut watching = introduced(&world, &token).await;
    watching.subscribe("1", CHANGES, json!({})).await;
    let rotate = "mutation($id: ID!) { rotateApiToken(input: { tokenId: $id, overlapSeconds: 600 }) { secret } }";
    let viewer = world.ask_as(&token, "{ viewer { token { id } } }", json!({}));
    let id = viewer.await.body["data"]["viewer"]["token"]["id"].take();
    let rotated = world.data(rotate, json!({ "id": id })).await;
    let new = rotated["rotateApiToken"]["secret"].as_str().unwrap();
    let mut lasting = introduced(&world, new).await;
    watching
        .subscribe("2", "{ viewer { scopes } }", json!({}))
        .await;
    assert_eq!(watching.next().await.unwrap()["id"], "2");

    world.clock.advance(TimeDelta::minutes(11));

    assert_eq!(watching.closed().await, Some(4403));
    assert_eq!(idle.closed().await, Some(4403));
    lasting
        .subscribe("1", "{ viewer { scopes } }", json!({}))
        .await;
    assert_eq!(lasting.next().await.unwrap()["type"], "next");
    world.end().await;
}

#[tokio::test]
async fn a_token_that_cannot_be_looked_up_is_not_refused() {
    let world = embedded().await;
    let mut socket = open(&world).await;
    world
        .server
        .app
        .gateway
        .store()
        .clone()
        .close()
        .await
        .unwrap();

    let bearer = format!("Bearer {}", world.token);
    let init = json!({ "type": "connection_init", "payload": { "Authorization": bearer } });
    socket.send(init).await;

    // Clients come again after this code, and never after 4403.
    assert_eq!(socket.closed().await, Some(1013));
    world.end().await;
}

/// The status of an answer to a page of this origin that opens a socket.
async fn status(world: &World, path: &str, origin: &str) -> u16 {
    let url = world.url(path).replacen("http", "ws", 1);
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", origin.parse().unwrap());
    headers.insert(
        "sec-websocket-protocol",
        "graphql-transport-ws".parse().unwrap(),
    );
    match connect_async(request).await {
        Ok((_, answer)) => answer.status().as_u16(),
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(other) => panic!("{origin}: {other}"),
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_not_open_sockets_unless_the_operator_says_so() {
    let app = (
        "INLET_SERVER__CORS_ORIGINS",
        "https://app.example,http://localhost:3000",
    );
    let world = embedded_with(&[app]).await;
    let own = world.url("");

    for path in ["/graphql/ws", "/graphql"] {
        for origin in [
            own.as_str(),
            tests::PUBLIC_URL,
            "https://app.example",
            "http://localhost:3000",
        ] {
            assert_eq!(status(&world, path, origin).await, 101, "{origin}");
        }
        for origin in [
            "https://evil.example",
            "null",
            "http://app.example",
            "https://app.example.evil.example",
        ] {
            assert_eq!(status(&world, path, origin).await, 403, "{origin}");
        }
    }
    world.end().await;
}
