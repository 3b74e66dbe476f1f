//! Delivery: signed, retried, and as unreliable as wished.

use std::collections::BTreeSet;
use std::time::Duration;

use sandbox::{Act, DeliveryFaults, PaymentSpec, Retries, TrafficSpec, sign};
use serde_json::json;

use crate::receiver::Receiver;
use crate::support::{World, world};

const VERSION: Option<&str> = Some("2026-07-29.dahlia");

async fn hooked(events: &[&str]) -> (World, Receiver, String) {
    let (world, receiver) = (world(0).await, Receiver::start().await);
    let url = receiver.url.clone();
    let endpoint = world
        .sandbox
        .add_webhook_endpoint(&world.account, &url, events, false, VERSION);
    (world, receiver, endpoint.unwrap())
}

fn pay(world: &World) -> Vec<String> {
    world
        .sandbox
        .act(&world.account, Act::Pay(PaymentSpec::default()))
        .unwrap()
        .events
}

#[tokio::test]
async fn what_an_endpoint_wants_arrives_signed_in_its_version() {
    let (world, receiver, endpoint) = hooked(&["charge.succeeded"]).await;
    world
        .sandbox
        .set_time(Some("2026-11-20T10:00:00Z".parse().unwrap()));
    pay(&world);
    world.sandbox.delivery().settled().await;
    let arrived = receiver.received();
    assert_eq!(arrived.len(), 1);
    let secret = world.sandbox.endpoint_secret(&endpoint).unwrap();
    let expected = sign(&secret, world.sandbox.now().timestamp(), &arrived[0].text);
    assert_eq!(arrived[0].signature, expected);
    assert_eq!(arrived[0].body["api_version"], "2026-07-29.dahlia");
    assert_eq!(arrived[0].body["type"], "charge.succeeded");
    assert_eq!(arrived[0].body["pending_webhooks"], 1);
    assert!(arrived[0].body.get("account").is_none());
    let listed = world.all("/v1/events?type=charge.succeeded", 10).await;
    assert_eq!(listed[0]["pending_webhooks"], 0);
}

#[tokio::test]
async fn refused_deliveries_come_again_signed_anew() {
    let (world, receiver, endpoint) = hooked(&["charge.succeeded"]).await;
    world.sandbox.delivery().retries(Retries {
        first: Duration::from_millis(5),
        ..Retries::default()
    });
    receiver.answer(&[500, 302]);
    pay(&world);
    world.sandbox.delivery().settled().await;
    let attempts = world.sandbox.delivery().attempts();
    let tries: Vec<_> = attempts.iter().map(|it| (it.number, it.status)).collect();
    assert_eq!(tries, [(1, 500), (2, 302), (3, 200)]);
    assert_eq!(attempts[0].endpoint, endpoint);
    world.sandbox.delivery().retries(Retries::none());
    receiver.answer(&[503]);
    pay(&world);
    world.sandbox.delivery().settled().await;
    assert_eq!(
        world
            .all("/v1/events?delivery_success=false", 10)
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn deliveries_can_be_held_back_sent_again_and_stopped() {
    let (world, receiver, endpoint) = hooked(&["*"]).await;
    let delivery = world.sandbox.delivery();
    delivery.pause();
    let events = pay(&world);
    assert_eq!((delivery.outstanding(), receiver.ids().len()), (3, 0));
    delivery.resume();
    delivery.settled().await;
    assert_eq!(delivery.redeliver(&events[1]), 1);
    delivery.settled().await;
    assert_eq!(
        receiver.ids().iter().filter(|id| **id == events[1]).count(),
        2
    );

    delivery.pause();
    pay(&world);
    world.sandbox.disable_webhook_endpoint(&endpoint);
    pay(&world);
    delivery.resume();
    delivery.settled().await;
    assert_eq!(
        receiver.ids().len(),
        4,
        "what is on its way waits, what is new does not come"
    );
    world.sandbox.enable_webhook_endpoint(&endpoint);
    delivery.settled().await;
    assert_eq!(receiver.ids().len(), 7);
    delivery.pause();
    pay(&world);
    world.sandbox.delete_webhook_endpoint(&endpoint);
    delivery.resume();
    delivery.settled().await;
    assert_eq!(receiver.ids().len(), 7);
}

#[tokio::test]
async fn deliveries_are_lost_doubled_and_mixed_on_demand() {
    let (world, receiver, _) = hooked(&["*"]).await;
    let delivery = world.sandbox.delivery();
    let traffic = TrafficSpec {
        events: 300,
        ..TrafficSpec::default()
    };
    let doubled = DeliveryFaults {
        duplicate: 0.3,
        reorder: true,
        ..DeliveryFaults::default()
    };
    delivery.mode(doubled);
    let made = world.sandbox.traffic(&world.account, traffic).events;
    delivery.settled().await;
    let ids = receiver.ids();
    let different: BTreeSet<_> = ids.iter().cloned().collect();
    assert_eq!(different, made.iter().cloned().collect());
    assert!(ids.len() > made.len() + 40, "{}", ids.len());
    let mut firsts = BTreeSet::new();
    let order: Vec<_> = ids
        .iter()
        .filter(|id| firsts.insert((*id).clone()))
        .collect();
    assert!(made.iter().ne(order), "they must not come in order");

    delivery.mode(DeliveryFaults {
        drop: 0.5,
        ..DeliveryFaults::default()
    });
    let before = receiver.ids().len();
    let made = world
        .sandbox
        .traffic(&world.account, TrafficSpec { seed: 2, ..traffic })
        .events;
    delivery.settled().await;
    let came = receiver.ids().len() - before;
    assert!((75..225).contains(&came), "{came} of {}", made.len());
    let lost = world.all("/v1/events?delivery_success=false", 100).await;
    assert_eq!(lost.len(), made.len() - came);
}

#[tokio::test]
async fn one_at_a_time_deliveries_come_in_order() {
    let (world, receiver, _) = hooked(&["*"]).await;
    world.sandbox.delivery().concurrency(1);
    let traffic = TrafficSpec {
        events: 1_000,
        ..TrafficSpec::default()
    };
    let made = world.sandbox.traffic(&world.account, traffic).events;
    world.sandbox.delivery().settled().await;
    assert_eq!(receiver.ids(), made);
}

#[tokio::test]
async fn versions_and_connected_events_have_their_limits() {
    let (world, _, _) = hooked(&["*"]).await;
    let post = async |version: &'static str| {
        let form = [
            ("url", "https://gateway.example.com/hook"),
            ("enabled_events[]", "charge.succeeded"),
            ("api_version", version),
        ];
        world.post("/v1/webhook_endpoints", &form).await
    };
    assert_eq!(post("2025-03-31.basil").await.0, 200);
    assert_eq!(post("2025-09-30.clover").await.0, 200);
    let (status, refused) = post("2024-04-10").await;
    assert_eq!(
        (status, &refused["error"]["param"]),
        (400, &json!("api_version"))
    );
    assert_eq!(post("2025-09-30.clover").await.0, 200);
    assert_eq!(
        post("2024-06-20").await.0,
        200,
        "the account's own version is free"
    );
}
