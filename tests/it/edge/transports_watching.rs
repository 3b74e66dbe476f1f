//! Subscriptions on every transport: to what is another workspace's, and by who does not read (FAULTS 60, 62).

use std::{fs, time::Duration};

use api::ids::{ConnectionId, PaymentId, WorkspaceId};
use futures_util::future::join_all;
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{Socket, Stream, World};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use uuid::Uuid;

use super::{
    ask::{embedded, embedded_with, token_of},
    shop::Shop,
    transports::Way,
};

const OTHERS: &str =
    "subscription($id: ID!) { paymentsChanged(filter: { connectionIds: [$id] }) { id } }";

fn uuid(id: &Value) -> Uuid {
    Uuid::try_parse(id.as_str().unwrap().split_once('_').unwrap().1).unwrap()
}

/// A shop's payments, to be told of as changed.
struct Changes {
    workspace: WorkspaceId,
    connection: ConnectionId,
    payments: Vec<PaymentId>,
}

impl Changes {
    async fn of(shop: &Shop<'_>) -> Self {
        let query = "query($id: ID!) { viewer { workspace { id } }
            connection(id: $id) { id payments(first: 100) { nodes { id } } } }";
        let data = shop
            .world
            .data(query, json!({ "id": shop.connection }))
            .await;
        let nodes = data["connection"]["payments"]["nodes"].as_array().unwrap();
        Self {
            workspace: WorkspaceId(uuid(&data["viewer"]["workspace"]["id"])),
            connection: ConnectionId(uuid(&data["connection"]["id"])),
            payments: nodes
                .iter()
                .map(|node| PaymentId(uuid(&node["id"])))
                .collect(),
        }
    }

    fn tell(&self, world: &World) {
        let gateway = &world.server.app.gateway;
        gateway.payments_changed(self.workspace, self.connection, &self.payments);
    }
}

/// A subscription that has begun.
enum Watch {
    Socket(Box<Socket>),
    Stream(Box<Stream>),
}

impl Watch {
    async fn begin(world: &World, way: Way, token: &str, body: &Value) -> Self {
        if way == Way::Socket {
            let mut socket = Socket::open(&world.url("/graphql/ws")).await;
            socket.introduce(token).await;
            socket
                .send(json!({ "id": "1", "type": "subscribe", "payload": body }))
                .await;
            // An answer to what was sent later: the operation is under way.
            socket.send(json!({ "id": "2", "type": "subscribe", "payload": { "query": "{ __typename }" } })).await;
            assert_eq!(socket.next().await.unwrap()["id"], "2");
            assert_eq!(socket.next().await.unwrap()["type"], "complete");
            return Self::Socket(Box::new(socket));
        }
        let mut stream = way.stream(world, Some(token), body).await;
        // The first sign of life comes once there is nothing to tell.
        assert!(stream.piece().await.is_some());
        Self::Stream(Box::new(stream))
    }

    /// What is told before the gateway goes away.
    async fn told(self) -> Vec<Value> {
        let mut told = Vec::new();
        match self {
            Self::Socket(mut socket) => {
                while let Ok(message) = socket.next().await {
                    told.push(message);
                }
            }
            Self::Stream(mut stream) => {
                while let Some((_, data)) = stream.next().await {
                    if data["payload"] != Value::Null || data["errors"].is_null() {
                        told.push(data);
                    }
                }
            }
        }
        told
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_hears_nothing_of_our_payments_on_any_transport() {
    let world = embedded().await;
    let shop = Shop::open(&world, "Shop", AccountSpec::with_payments(30)).await;
    let stranger = token_of(&world, "elsewhere", &[]).await;
    let changes = Changes::of(&shop).await;
    let body = json!({ "query": OTHERS, "variables": { "id": shop.connection } });
    drop(shop);
    let mut strangers = Vec::new();
    for way in Way::GOING_ON {
        strangers.push(Watch::begin(&world, way, &stranger, &body).await);
    }
    let ours =
        join_all(Way::GOING_ON.map(|way| Watch::begin(&world, way, &world.token, &body))).await;

    // Ours hear of it, on each transport; theirs, which began before, would have by then.
    let heard = ours.into_iter().map(|watch| async move {
        match watch {
            Watch::Socket(mut socket) => assert_eq!(socket.next().await.unwrap()["type"], "next"),
            Watch::Stream(mut stream) => assert!(stream.next().await.is_some()),
        }
    });
    let telling = async {
        loop {
            changes.tell(&world);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        _ = join_all(heard) => {}
        () = telling => {}
    }

    let (told, ()) = tokio::join!(
        join_all(strangers.into_iter().map(Watch::told)),
        world.end()
    );
    assert!(told.iter().all(Vec::is_empty), "{told:#?}");
}

/// A client that has subscribed and reads nothing; a small window, so that little is under way.
async fn silent(world: &World, query: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let address = world.server.address;
    let mut stream = socket.connect(address).await.unwrap();
    let request = format!(
        "GET /graphql/ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let payload =
        json!({ "Authorization": format!("Bearer {}", world.token), "more": "x".repeat(80) });
    let init = json!({ "type": "connection_init", "payload": payload });
    stream.write_all(&frame(&init.to_string())).await.unwrap();
    let (mut answer, sign) = (Vec::new(), b"connection_ack");
    while !answer.windows(sign.len()).any(|bytes| bytes == sign) {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
    }
    let subscribe = json!({ "id": "1", "type": "subscribe", "payload": { "query": query } });
    stream
        .write_all(&frame(&subscribe.to_string()))
        .await
        .unwrap();
    stream
}

/// A text in one frame, masked with zeros (RFC 6455 section 5.2).
fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    [&[0x81, 0x80 | 0x7e][..], &length, &[0; 4], text.as_bytes()].concat()
}

/// What the process has in memory, in KiB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_nothing_fills_no_memory_and_is_sent_away() {
    let world = embedded_with(&[
        ("INLET_LIMITS__HEARTBEAT_SECONDS", "3"),
        ("INLET_LIMITS__SOCKETS_PER_TOKEN", "1"),
    ])
    .await;
    let shop = Shop::open(&world, "Shop", AccountSpec::with_payments(100)).await;
    let other = token_of(&world, "default", &[]).await;
    let changes = Changes::of(&shop).await;
    drop(shop);
    let fields: Vec<_> = (0..60).map(|n| format!("a{n}: stripeId")).collect();
    let fields = fields.join(" ");
    let query = format!("subscription {{ paymentsChanged {{ {fields} }} }}");
    let mut reader = Socket::open(&world.url("/graphql/ws")).await;
    reader.introduce(&other).await;
    reader
        .subscribe("1", "subscription { paymentsChanged { id } }", json!({}))
        .await;
    while tokio::time::timeout(Duration::from_millis(50), reader.next())
        .await
        .is_err()
    {
        changes.tell(&world);
    }
    let deaf = silent(&world, &query).await;
    let before = resident();

    // As long as the deaf one has its token's only place, no other socket of the token is taken.
    let sent_away = async {
        loop {
            for _ in 0..20 {
                changes.tell(&world);
                assert_eq!(
                    reader.next().await.unwrap()["type"],
                    "next",
                    "another reader has to wait"
                );
            }
            let mut another = Socket::open(&world.url("/graphql/ws")).await;
            let payload = json!({ "Authorization": format!("Bearer {}", world.token) });
            another
                .send(json!({ "type": "connection_init", "payload": payload }))
                .await;
            if another.next().await.is_ok() {
                return;
            }
        }
    };
    let sent_away = tokio::time::timeout(Duration::from_mins(1), sent_away).await;

    sent_away.expect("who reads nothing is sent away");
    let grown = resident().saturating_sub(before);
    assert!(grown < 48 * 1_024, "{grown} KiB more");
    drop(deaf);
    world.end().await;
}
