//! graphql-transport-ws itself: who gets in, and how sockets end.

use serde_json::{Value, json};
use tests::{Socket, World};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, client::IntoClientRequest},
};

use super::{
    ask::{Reply, embedded},
    subscription::refusal,
};

pub(super) const PROGRESS: &str =
    "subscription($id: ID!) { importProgress(connectionId: $id) { status } }";

/// A subscription that has nothing to tell at first, and no end.
pub(super) const CHANGES: &str = "subscription { connectionUpdated { id } }";

pub(super) async fn open(world: &World) -> Socket {
    Socket::open(&world.url("/graphql/ws")).await
}

#[tokio::test]
async fn the_name_of_the_payload_s_field_may_be_in_any_case() {
    let world = embedded().await;

    for name in ["authorization", "AUTHORIZATION"] {
        let mut socket = open(&world).await;
        socket.send(json!({ "type": "connection_init", "payload": { name: format!("bearer {}", world.token) } })).await;
        assert_eq!(socket.next().await.unwrap()["type"], "connection_ack");
        socket
            .subscribe("1", "{ viewer { scopes } }", json!({}))
            .await;
        assert_eq!(
            socket.next_of("next").await["data"]["viewer"]["scopes"]
                .as_array()
                .unwrap()
                .len(),
            4
        );
    }
    world.end().await;
}

#[tokio::test]
async fn without_a_token_operations_are_refused() {
    let world = embedded().await;

    for payload in [json!({}), Value::Null, json!({ "token": "x" })] {
        let mut socket = open(&world).await;
        socket
            .send(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(socket.next().await.unwrap()["type"], "connection_ack");
        socket.subscribe("1", PROGRESS, json!({ "id": "x" })).await;
        let refused = refusal(&mut socket).await;
        assert_eq!(refused[0]["extensions"]["code"], "UNAUTHENTICATED");
        // A query is executed: its fields are what is refused.
        let query = "query($id: ID!) { node(id: $id) { id } viewer { scopes } }";
        socket.subscribe("2", query, json!({ "id": "x" })).await;
        let answer = socket.next_of("next").await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert_eq!(answer["data"], Value::Null);
    }
    world.end().await;
}

#[tokio::test]
async fn only_the_right_subprotocol_is_spoken() {
    let world = embedded().await;
    let url = world.url("/graphql/ws").replacen("http", "ws", 1);

    for protocol in [
        None,
        Some("graphql-ws"),
        Some("soap"),
        Some("graphql-transport-wsx"),
    ] {
        let mut request = url.as_str().into_client_request().unwrap();
        if let Some(protocol) = protocol {
            request
                .headers_mut()
                .insert("sec-websocket-protocol", protocol.parse().unwrap());
        }
        match connect_async(request).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 400, "{protocol:?}"),
            other => panic!("{protocol:?} was answered with {other:?}"),
        }
    }
    let plain = Reply::to(world.http.get(world.url("/graphql/ws"))).await;
    assert_eq!(
        (plain.status, plain.code().as_str()),
        (400, "BAD_USER_INPUT")
    );
    assert_eq!(
        plain.json()["errors"][0]["extensions"]["requestId"],
        plain.header("x-request-id")
    );
    let mut several = url.as_str().into_client_request().unwrap();
    several.headers_mut().insert(
        "sec-websocket-protocol",
        "graphql-ws, graphql-transport-ws".parse().unwrap(),
    );
    let (_, answer) = connect_async(several).await.unwrap();
    assert_eq!(
        answer.headers()["sec-websocket-protocol"],
        "graphql-transport-ws"
    );
    world.end().await;
}

#[tokio::test]
async fn queries_and_mutations_are_answered_too() {
    let world = embedded().await;
    let mut socket = world.socket().await;

    socket
        .subscribe("q", "{ viewer { workspace { name } } }", json!({}))
        .await;
    let query = socket.next().await.unwrap();
    assert_eq!(
        socket.next().await.unwrap(),
        json!({ "id": "q", "type": "complete" })
    );
    let create = "mutation { createApiToken(input: { name: \"x\", scopes: [PAYMENTS_READ] }) { token { name } errors { message } } }";
    socket.subscribe("m", create, json!({})).await;
    let mutation = socket.next().await.unwrap();

    assert_eq!(
        query["payload"]["data"]["viewer"]["workspace"]["name"],
        "default"
    );
    assert_eq!(
        mutation["payload"]["data"]["createApiToken"],
        json!({ "token": { "name": "x" }, "errors": [] })
    );
    world.end().await;
}

#[tokio::test]
async fn the_same_limits_hold_on_sockets() {
    let world = embedded().await;
    let mut socket = world.socket().await;
    let costly = "{ payments(first: 100) { nodes { refunds(first: 100) { nodes { id stripeId status reason createdAt } } } } }";

    for (query, code) in [
        (costly, "QUERY_TOO_COMPLEX"),
        ("{ nothing }", "BAD_USER_INPUT"),
        ("{", "BAD_USER_INPUT"),
    ] {
        socket.subscribe("1", query, json!({})).await;
        assert_eq!(
            refusal(&mut socket).await[0]["extensions"]["code"],
            code,
            "{query}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn a_ping_is_answered() {
    let world = embedded().await;
    let mut socket = world.socket().await;

    socket.send(json!({ "type": "ping" })).await;
    assert_eq!(socket.next().await.unwrap(), json!({ "type": "pong" }));
    let asked = json!({ "type": "ping", "payload": { "at": 1 } });
    socket.send(asked).await;
    let told = json!({ "type": "pong", "payload": { "at": 1 } });
    assert_eq!(socket.next().await.unwrap(), told);
    socket.send(json!({ "type": "pong" })).await;
    let mut early = open(&world).await;
    early.send(json!({ "type": "ping" })).await;
    assert_eq!(early.next().await.unwrap(), json!({ "type": "pong" }));
    world.end().await;
}

#[tokio::test]
async fn a_socket_is_opened_at_the_address_of_the_api_too() {
    let world = embedded().await;
    let mut socket = Socket::open(&world.url("/graphql")).await;

    socket.introduce(&world.token).await;
    socket.subscribe("1", "{ __typename }", json!({})).await;

    let told = socket.next().await.unwrap();
    assert_eq!((&told["id"], &told["type"]), (&json!("1"), &json!("next")));
    assert_eq!(told["payload"]["data"], json!({ "__typename": "Query" }));
    world.end().await;
}

#[tokio::test]
async fn an_operation_that_is_refused_is_over_and_an_error_beside_data_is_none() {
    let world = embedded().await;
    let mut socket = world.socket().await;

    socket.subscribe("1", "{ nothing }", json!({})).await;
    let refused = socket.next().await.unwrap();
    socket
        .subscribe("2", "{ payments(first: 0) { totalCount } }", json!({}))
        .await;
    let failed = socket.next().await.unwrap();
    let complete = socket.next().await.unwrap();

    assert_eq!(
        (&refused["id"], &refused["type"]),
        (&json!("1"), &json!("error"))
    );
    assert!(refused["payload"][0]["message"].is_string(), "{refused:#}");
    assert_eq!(
        (&failed["id"], &failed["type"]),
        (&json!("2"), &json!("next"))
    );
    assert_eq!(failed["payload"]["data"], Value::Null);
    assert_eq!(failed["payload"]["errors"][0]["path"], json!(["payments"]));
    assert_eq!(complete, json!({ "id": "2", "type": "complete" }));
    world.end().await;
}
