//! A merchant takes the access back, and an event says so.

use chrono::TimeDelta;
use sandbox::{Act, Latency, PaymentSpec};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{Socket, World, on_every_backend};

use super::support::{Live, event, let_in, live, settled, shown};
use crate::{
    connecting::{
        ask::{connection, rename, start_import, until},
        database::{count, texts},
    },
    oauth::{
        app,
        browser::{Browser, input, platform},
        connect,
    },
};

const UPDATED: &str = "
    subscription($id: ID) {
      connectionUpdated(connectionId: $id) { name status statusReason statusMessage }
    }";

/// A socket on which changes of a connection are told from now on.
async fn watching(world: &World, connection: &str) -> Socket {
    let mut socket = world.socket().await;
    let variables = json!({ "id": connection });
    socket.subscribe("1", UPDATED, variables).await;
    // It has no acknowledgement: something is changed until it is heard of.
    for round in 0.. {
        rename(world, connection, &format!("Shop {round}")).await;
        let heard = tokio::time::timeout(Duration::from_millis(100), socket.next()).await;
        if heard.is_ok() {
            break;
        }
    }
    socket
}

/// What is told once the connection has ended.
async fn told_the_end(mut socket: Socket) -> Value {
    loop {
        let mut told = socket.next_of("next").await["data"]["connectionUpdated"].take();
        if told["status"] == "DISCONNECTED" {
            return told.take();
        }
    }
}

/// Takes the access back as the merchant does.
pub(super) fn revoke(world: &World, live: &Live) {
    let client = &platform(world).client_id;
    world.stripe.revoke_access(client, &live.account);
}

/// Connects again, as the same connection.
pub(super) async fn let_in_again(world: &World, live: &Live) {
    let mut again = input("Shop");
    again["connectionId"] = json!(live.connection);
    let page = Browser::new().connect(world, again).await;
    assert_eq!(page.connection(), live.connection);
    let import = world.imported(&live.connection).await;
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
}

/// Waits until a connection has ended, once and for the right reason.
pub(super) async fn ended(world: &World, live: &Live) {
    until("the connection ends", async || {
        connection(world, &live.connection).await["status"] == "DISCONNECTED"
    })
    .await;
    let ended = connection(world, &live.connection).await;
    assert_eq!(ended["statusReason"], "ACCESS_REVOKED", "{ended:#}");
    let words = ended["statusMessage"].as_str().unwrap();
    assert!(words.contains("Connect again"), "{words}");
    for once in [
        "connections WHERE status = 'disconnected' AND credential_sealed IS NULL",
        "audit_log WHERE action = 'connection.revoked'",
    ] {
        assert_eq!(count(world, once).await, 1, "{once}");
    }
}

/// How many requests Stripe was asked so far, and how many of them it refused.
pub(super) fn asked(world: &World) -> (usize, usize) {
    let requests = world.asked();
    let refused = requests
        .iter()
        .filter(|request| matches!(request.status, 401 | 403));
    (requests.len(), refused.count())
}

/// Nobody asks Stripe for an ended connection, hours later neither.
pub(super) async fn assert_left_in_peace(world: &World) {
    // What was under way is refused, too.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = asked(world);
    assert!(before.1 <= 20, "{} refusals", before.1);
    for _ in 0..3 {
        world.clock.advance(TimeDelta::hours(3));
        world.stripe.advance(TimeDelta::hours(3));
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    assert_eq!(asked(world), before, "Stripe is still asked");
}

/// Takes the access back while an import runs and somebody watches.
async fn revoked_by_event(world: &World) {
    let live = let_in(world, "Shop", false).await;
    let socket = watching(world, &live.connection).await;
    let slow = Latency::fixed(Duration::from_millis(1_500));
    world.stripe.faults().latency_on("/v1/charges", slow);
    start_import(world, &live.connection).await;
    until("the import runs", async || {
        world.latest_import(&live.connection).await["status"] == "RUNNING"
    })
    .await;

    revoke(world, &live);

    let told = told_the_end(socket).await;
    assert_eq!(told["statusReason"], "ACCESS_REVOKED");
    assert!(told["statusMessage"].is_string());
    ended(world, &live).await;
    let import = world.imported(&live.connection).await;
    assert_eq!(import["status"], "FAILED", "{import:#}");
    assert_eq!(import["failure"]["code"], "REVOKED");
    assert_eq!(import["failure"]["retryable"], false);
    let delivered = world.stripe.delivery().attempts();
    let delivered = delivered
        .iter()
        .filter(|it| it.kind == "account.application.deauthorized");
    assert_eq!(
        delivered.map(|it| it.status).collect::<Vec<_>>(),
        [200],
        "it was told more than once"
    );
    world.stripe.faults().clear();
    assert_left_in_peace(world).await;
}

on_every_backend! {
    async fn events_of_a_disconnected_account_change_nothing(world: &World) {
        let live = live(world, "Shop", 5).await;
        let disconnect = "mutation($id: ID!) { disconnect(input: { connectionId: $id, deleteData: false }) { errors { message } } }";
        let body = event("evt_late", "charge.updated", &json!({ "id": "ch_1", "object": "charge" }), 1)
            .to_string();
        world.data(disconnect, json!({ "id": live.connection })).await;
        world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap();

        let refused = async {
            // For a few seconds another process may still know the secret; then nobody does.
            while live.deliver(world, &body).await != reqwest::StatusCode::NOT_FOUND {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), refused).await.expect("it is never refused");
        assert_eq!(shown(world, &live.connection).await.len(), 5);
    }

    #[options(connect())]
    async fn the_event_ends_the_connection_of_a_platform(world: &World) {
        revoked_by_event(world).await;
    }

    #[options(app())]
    async fn the_event_ends_the_connection_of_an_app(world: &World) {
        revoked_by_event(world).await;
    }

    #[options(connect())]
    async fn the_event_that_comes_again_does_not_end_a_new_grant(world: &World) {
        let live = let_in(world, "Shop", false).await;
        revoke(world, &live);
        ended(world, &live).await;
        let_in_again(world, &live).await;

        let events = world.stripe.delivery().attempts();
        let event = events.iter().find(|it| it.kind == "account.application.deauthorized").unwrap();
        assert_eq!(world.stripe.delivery().redeliver(&event.event), 1);
        settled(world).await;

        assert_eq!(connection(world, &live.connection).await["status"], "ACTIVE");
        assert_eq!(count(world, "audit_log WHERE action = 'connection.revoked'").await, 1);
    }

    #[options(app())]
    async fn the_event_that_comes_late_does_not_end_a_new_grant(world: &World) {
        let live = let_in(world, "Shop", false).await;
        world.stripe.delivery().pause();
        revoke(world, &live);
        start_import(world, &live.connection).await;
        ended(world, &live).await;
        let_in_again(world, &live).await;
        // A token that is refused for its age says nothing of the grant.
        world.clock.advance(TimeDelta::minutes(30));
        world.stripe.advance(TimeDelta::minutes(30));
        world.stripe.expire_app_tokens();

        world.stripe.delivery().resume();
        settled(world).await;

        assert_eq!(connection(world, &live.connection).await["status"], "ACTIVE");
        let told = texts(world, ["state", "reason"], "inbox_events WHERE event_type = 'account.application.deauthorized'").await;
        assert_eq!(told, [["ignored".to_owned(), "the access to the account is still good".to_owned()]]);
    }
}
