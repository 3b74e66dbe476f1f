//! Following connections and payments over graphql-transport-ws.

use std::{collections::BTreeSet, time::Duration};

use api::{
    app::{App, Machine, open},
    auth::{Caller, TokenSecret},
    config::Config,
    ids::{ConnectionId, PaymentId, WorkspaceId},
    progress::Bus,
};
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{Backend, RedisLink, Socket, World, WorldOptions, on_every_backend};
use uuid::Uuid;

use super::{ask::token_of, shop::Shop, subscription::refusal};

const CONNECTIONS: &str = "subscription($id: ID) { connectionUpdated(connectionId: $id) { id name status statusReason } }";
const PAYMENTS: &str = "subscription($filter: PaymentFilter) {
    paymentsChanged(filter: $filter) { id stripeId amount { currency } connection { id } } }";
const RENAME: &str = "mutation($id: ID!, $name: String!) {
    renameConnection(input: { connectionId: $id, name: $name }) { errors { message } } }";
const DISCONNECT: &str =
    "mutation($id: ID!) { disconnect(input: { connectionId: $id }) { errors { message } } }";
const AGAIN: &str =
    "mutation($id: ID!) { startImport(input: { connectionId: $id }) { errors { message } } }";

/// A socket with one subscription.
struct Watcher(Socket);

impl Watcher {
    async fn new(world: &World, token: &str, query: &str, variables: Value) -> Self {
        let mut socket = Socket::open(&world.url("/graphql/ws")).await;
        socket.introduce(token).await;
        socket.subscribe("1", query, variables).await;
        Self(socket)
    }

    /// Makes a change until the subscription, which has no acknowledgement, has heard of it.
    async fn begin<F: Future<Output = ()>>(&mut self, change: impl Fn() -> F) -> Value {
        loop {
            change().await;
            let told = tokio::time::timeout(Duration::from_millis(50), self.next()).await;
            if let Ok(told) = told {
                return told;
            }
        }
    }

    /// What is told next.
    async fn next(&mut self) -> Value {
        let mut payload = self.0.next_of("next").await;
        assert!(payload["errors"].is_null(), "{payload:#}");
        let data = payload["data"].as_object_mut().unwrap();
        data.values_mut().next().unwrap().take()
    }

    /// Skips to the change after which a connection has this name.
    async fn until_named(&mut self, name: &str) -> Value {
        loop {
            let told = self.next().await;
            if told["name"] == name {
                return told;
            }
        }
    }

    /// Skips to the payment of this id; the Stripe ids of all that were told up to then.
    async fn until_paid(&mut self, id: PaymentId) -> Vec<Value> {
        let id = format!("pay_{}", id.0.simple());
        let mut told = Vec::new();
        while !told.iter().any(|payment: &Value| payment["id"] == id) {
            let batch = self.next().await;
            let batch = batch.as_array().unwrap();
            assert!(
                (1..=100).contains(&batch.len()),
                "{} in a batch",
                batch.len()
            );
            told.extend(batch.iter().cloned());
        }
        told
    }
}

async fn rename(world: &World, id: &str, name: &str) {
    let data = world.data(RENAME, json!({ "id": id, "name": name })).await;
    assert_eq!(data["renameConnection"]["errors"], json!([]));
}

fn key(connection: &str) -> ConnectionId {
    let hex = connection.strip_prefix("con_").unwrap();
    ConnectionId(Uuid::try_parse(hex).unwrap())
}

async fn caller(app: &App, token: &str) -> Caller {
    let secret = TokenSecret::parse(token).unwrap();
    app.gateway.authenticate(&secret).await.unwrap()
}

/// Tells that a payment changed, as whoever applies it would.
fn touch(world: &World, workspace: WorkspaceId, connection: ConnectionId, id: PaymentId) {
    let gateway = &world.server.app.gateway;
    gateway.payments_changed(workspace, connection, &[id]);
}

fn stripe_ids(payments: &[Value]) -> BTreeSet<String> {
    payments
        .iter()
        .map(|payment| payment["stripeId"].as_str().unwrap().to_owned())
        .collect()
}

on_every_backend! {
    async fn each_change_of_a_connection_is_told(world: &World) {
        let [one, two] = [
            Shop::open(world, "One", AccountSpec::with_payments(20)).await,
            Shop::open(world, "Two", AccountSpec::with_payments(20).seed(2)).await,
        ];
        let mut all = Watcher::new(world, &world.token, CONNECTIONS, json!({})).await;
        let mut of_two = Watcher::new(world, &world.token, CONNECTIONS, json!({ "id": two.connection })).await;
        all.begin(|| rename(world, &one.connection, "First")).await;
        of_two.begin(|| rename(world, &two.connection, "Second")).await;

        rename(world, &one.connection, "Renamed").await;
        assert_eq!(all.until_named("Renamed").await["id"], one.connection);
        let (_, new_key) = world.account(AccountSpec::with_payments(20).seed(3));
        let three = world.connect("Three", &new_key).await;
        assert_eq!(all.until_named("Three").await["id"], three);
        world.data(DISCONNECT, json!({ "id": two.connection })).await;
        for watcher in [&mut all, &mut of_two] {
            let told = loop {
                let told = watcher.next().await;
                if told["status"] == "DISCONNECTED" { break told }
            };
            assert_eq!((&told["id"], &told["statusReason"]), (&json!(two.connection), &json!("DISCONNECTED_BY_USER")));
        }

        // Of the others the second watcher hears nothing: its next message is of its own.
        rename(world, &one.connection, "One again").await;
        rename(world, &two.connection, "Two again").await;
        let told = of_two.next().await;
        assert_eq!((&told["id"], &told["name"]), (&json!(two.connection), &json!("Two again")));
        world.imported(&three).await;
    }

    async fn an_import_tells_exactly_the_payments_that_the_filter_lets_through(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let workspace = caller(&world.server.app, &world.token).await.workspace;
        let connection = key(&shop.connection);
        let charges = shop.charges();
        let currency = charges.values().next().unwrap()["currency"].clone();
        let expected: BTreeSet<String> = charges.iter()
            .filter(|(_, charge)| charge["currency"] == currency)
            .map(|(id, _)| id.clone())
            .collect();
        let other = charges.keys().find(|id| !expected.contains(*id)).unwrap();
        let sentinel = PaymentId::of(connection, expected.first().unwrap());
        let filter = json!({ "currencies": [currency.as_str().unwrap().to_uppercase()] });
        let mut watcher = Watcher::new(world, &world.token, PAYMENTS, json!({ "filter": filter })).await;
        watcher.begin(|| async { touch(world, workspace, connection, sentinel) }).await;

        world.data(AGAIN, json!({ "id": shop.connection })).await;
        let mut told = BTreeSet::new();
        while told.len() < expected.len() {
            let batch = watcher.next().await;
            told.extend(stripe_ids(batch.as_array().unwrap()));
        }
        assert_eq!(world.imported(&shop.connection).await["status"], "SUCCEEDED");

        touch(world, workspace, connection, PaymentId::of(connection, other));
        touch(world, workspace, connection, sentinel);
        told.extend(stripe_ids(&watcher.until_paid(sentinel).await));
        assert_eq!(told, expected);
    }

    async fn two_workspaces_hear_nothing_of_each_other(world: &World) {
        let stranger = token_of(world, "elsewhere", &[]).await;
        let shops = [
            (world.token.clone(), AccountSpec::with_payments(150)),
            (stranger, AccountSpec::with_payments(150).seed(7)),
        ];
        let mut watched = Vec::new();
        for (token, spec) in shops {
            let mut connections = Watcher::new(world, &token, CONNECTIONS, json!({})).await;
            let mut payments = Watcher::new(world, &token, PAYMENTS, json!({})).await;
            let (account, key_of) = world.account(spec);
            let connect = "mutation($key: String!) { connectWithApiKey(input: { name: \"Shop\", apiKey: $key }) {
                connection { id } errors { message } } }";
            let answer = world.ask_as(&token, connect, json!({ "key": key_of })).await.body;
            let id = answer["data"]["connectWithApiKey"]["connection"]["id"].as_str().unwrap().to_owned();
            let caller = caller(&world.server.app, &token).await;
            let gateway = &world.server.app.gateway;
            let connection = key(&id);
            connections.begin(|| async { gateway.connection_changed(caller.workspace, connection) }).await;
            let first = world.stripe.ledger(&account).charge_ids.first().unwrap().clone();
            let first = PaymentId::of(connection, &first);
            payments.begin(|| async { touch(world, caller.workspace, connection, first) }).await;
            watched.push((caller, id, account, first, connections, payments));
        }
        for (caller, id, ..) in &watched {
            let gateway = &world.server.app.gateway;
            gateway.rename_connection(caller, key(id), "Renamed").await.unwrap();
        }

        for (caller, id, account, first, connections, payments) in &mut watched {
            let told = connections.until_named("Renamed").await;
            assert_eq!(told["id"], **id);
            touch(world, caller.workspace, key(id), *first);
            let told = payments.until_paid(*first).await;
            assert!(told.iter().all(|payment| payment["connection"]["id"] == **id));
            let own: BTreeSet<_> = world.stripe.ledger(account).charge_ids.into_iter().collect();
            assert!(stripe_ids(&told).is_subset(&own));
        }
    }

    async fn a_reader_that_cannot_follow_is_told_to_begin_again(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(20)).await;
        let workspace = caller(&world.server.app, &world.token).await.workspace;
        let connection = key(&shop.connection);
        let known = PaymentId::of(connection, shop.charges().keys().next().unwrap());
        let mut watcher = Watcher::new(world, &world.token, PAYMENTS, json!({})).await;
        watcher.begin(|| async { touch(world, workspace, connection, known) }).await;

        let many: Vec<_> = (0..20_000).map(|id| PaymentId(Uuid::from_u128(id))).collect();
        world.server.app.gateway.payments_changed(workspace, connection, &many);

        let ended = loop {
            let message = watcher.0.next().await.unwrap();
            if message["type"] == "error" { break message }
        };
        assert_eq!(ended["payload"][0]["extensions"]["code"], "RESYNC_REQUIRED", "{ended:#}");
    }

    async fn what_cannot_be_followed_is_refused(world: &World) {
        let mut socket = world.socket().await;
        let backwards = json!({ "createdAt": { "gte": "2026-01-02T00:00:00Z", "lt": "2026-01-01T00:00:00Z" } });
        let many = json!({ "customerId": "x".repeat(2_001) });

        for (query, variables) in [
            (CONNECTIONS, json!({ "id": "con_0123456789abcdef0123456789abcdef" })),
            (CONNECTIONS, json!({ "id": "x" })),
            (PAYMENTS, json!({ "filter": backwards })),
            (PAYMENTS, json!({ "filter": many })),
        ] {
            socket.subscribe("1", query, variables).await;
            assert_eq!(refusal(&mut socket).await[0]["extensions"]["code"], "BAD_USER_INPUT");
        }
        let token = token_of(world, "default", &["CONNECTIONS_READ"]).await;
        let mut socket = Socket::open(&world.url("/graphql/ws")).await;
        socket.introduce(&token).await;
        socket.subscribe("1", PAYMENTS, json!({})).await;
        assert_eq!(refusal(&mut socket).await[0]["extensions"]["code"], "FORBIDDEN");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_changed_while_redis_was_lost_is_told_when_it_is_back() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    let direct = backend.variables();
    let redis = direct.iter().find(|(name, _)| name == "INLET_REDIS__URL");
    let link = RedisLink::to(&redis.unwrap().1.as_str().into()).await;
    let over_link = secrecy::ExposeSecret::expose_secret(&link.url).to_owned();
    let variables = vec![("INLET_REDIS__URL", over_link)];
    let world = World::start(
        backend,
        WorldOptions {
            variables,
            ..WorldOptions::default()
        },
    )
    .await;
    let shop = Shop::open(&world, "Shop", AccountSpec::with_payments(20)).await;
    let config = Config::from_variables(None, direct).unwrap();
    let other = open(&config, &Machine::default()).await.unwrap();
    let caller = caller(&other, &world.token).await;
    let connection = key(&shop.connection);
    let rename = async |name| {
        let renamed = other.gateway.rename_connection(&caller, connection, name);
        renamed.await.unwrap();
    };
    let known = PaymentId::of(connection, shop.charges().keys().next().unwrap());
    let mut connections = Watcher::new(&world, &world.token, CONNECTIONS, json!({})).await;
    let mut payments = Watcher::new(&world, &world.token, PAYMENTS, json!({})).await;
    connections.begin(|| rename("Over Redis")).await;
    let elsewhere = &other.gateway;
    payments
        .begin(|| async { elsewhere.payments_changed(caller.workspace, connection, &[known]) })
        .await;

    link.cut();
    let bus = world.server.app.redis.as_ref().unwrap();
    while bus.watch_payments(caller.workspace, None).await.is_ok() {}
    rename("Missed").await;
    other.redis.as_ref().unwrap().flush().await.unwrap();
    link.mend();

    assert_eq!(
        connections.until_named("Missed").await["id"],
        shop.connection
    );
    let ended = loop {
        let message = payments.0.next().await.unwrap();
        if message["type"] == "error" {
            break message;
        }
    };
    assert_eq!(ended["payload"][0]["extensions"]["code"], "RESYNC_REQUIRED");
    other.gateway.store().clone().close().await.unwrap();
    world.end().await;
}
