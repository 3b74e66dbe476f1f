//! What these tests share.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{World, WorldOptions};

use super::receiver::Receiver;
use crate::connecting::ask::{mutate, until};

/// Every event type, as the API has it.
pub(super) const ALL: [&str; 7] = [
    "IMPORT_COMPLETED",
    "IMPORT_FAILED",
    "IMPORT_CANCELED",
    "CONNECTION_ACTION_REQUIRED",
    "CONNECTION_RECOVERED",
    "CONNECTION_DISCONNECTED",
    "PAYMENTS_CHANGED",
];

/// A delivery with all that tests look at.
pub(super) const DELIVERY: &str = "id eventType state nextAttemptAt createdAt settledAt
    connection { id } endpoint { id } attempts { at durationMs statusCode error }";

/// An endpoint with all that tests look at.
pub(super) const ENDPOINT: &str = "endpoint {
    id url description eventTypes connectionIds enabled disabledReason disabledAt failingSince
    previousSecretUntil createdAt updatedAt }";

/// Settings with which messages reach this machine.
pub(super) const INSIDE: [(&str, &str); 3] = [
    ("INLET_NOTIFICATIONS__ALLOW_PRIVATE_ADDRESSES", "true"),
    ("INLET_NOTIFICATIONS__HTTP_HOSTS", "127.0.0.1"),
    ("INLET_NOTIFICATIONS__REQUEST_TIMEOUT_SECONDS", "2"),
];

/// A world in which messages reach this machine.
pub(super) fn inside() -> WorldOptions {
    let variables = INSIDE.map(|(name, value)| (name, value.to_owned()));
    WorldOptions {
        variables: variables.to_vec(),
        ..WorldOptions::default()
    }
}

/// An endpoint at a receiver.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) id: String,
    pub(super) secret: String,
}

/// Makes an endpoint at a receiver that is told of these; anything else fails the test.
pub(super) async fn endpoint(world: &World, receiver: &Receiver, types: &[&str]) -> Endpoint {
    let input = json!({ "url": receiver.url(), "eventTypes": types });
    endpoint_with(world, input).await
}

pub(super) async fn endpoint_with(world: &World, input: Value) -> Endpoint {
    let selection = format!("secret {ENDPOINT}");
    let payload = mutate(world, "createNotificationEndpoint", &selection, input).await;
    assert_eq!(payload["errors"], json!([]));
    Endpoint {
        id: payload["endpoint"]["id"].as_str().unwrap().to_owned(),
        secret: payload["secret"].as_str().unwrap().to_owned(),
    }
}

/// Changes an endpoint; it as it is then.
pub(super) async fn update(world: &World, endpoint: &Endpoint, mut changes: Value) -> Value {
    changes["endpointId"] = json!(endpoint.id);
    let mut payload = mutate(world, "updateNotificationEndpoint", ENDPOINT, changes).await;
    assert_eq!(payload["errors"], json!([]));
    payload["endpoint"].take()
}

/// Sends a test; its delivery's id.
pub(super) async fn send_test(world: &World, endpoint: &Endpoint) -> String {
    let input = json!({ "endpointId": endpoint.id });
    let payload = mutate(world, "sendTestNotification", "delivery { id }", input).await;
    assert_eq!(payload["errors"], json!([]));
    payload["delivery"]["id"].as_str().unwrap().to_owned()
}

/// Sends a delivery again.
pub(super) async fn redeliver(world: &World, id: &str) -> Value {
    let selection = format!("delivery {{ {DELIVERY} }}");
    let input = json!({ "deliveryId": id });
    mutate(world, "redeliverNotification", &selection, input).await
}

/// An endpoint as it is now.
pub(super) async fn shown(world: &World, endpoint: &Endpoint) -> Value {
    let fields = ENDPOINT.trim_start_matches("endpoint");
    let query = format!("query($id: ID!) {{ notificationEndpoint(id: $id) {fields} }}");
    let data = world.data(&query, json!({ "id": endpoint.id })).await;
    data["notificationEndpoint"].clone()
}

/// What an endpoint was sent, newest first.
pub(super) async fn deliveries(world: &World, endpoint: &Endpoint) -> Vec<Value> {
    let query = format!(
        "query($id: ID!) {{ notificationEndpoint(id: $id) {{ deliveries(first: 100) {{ nodes {{ {DELIVERY} }} }} }} }}"
    );
    let data = world.data(&query, json!({ "id": endpoint.id })).await;
    let nodes = &data["notificationEndpoint"]["deliveries"]["nodes"];
    nodes.as_array().unwrap().clone()
}

/// A delivery as it is now.
pub(super) async fn delivery(world: &World, id: &str) -> Value {
    let query = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on NotificationDelivery {{ {DELIVERY} }} }} }}"
    );
    world.data(&query, json!({ "id": id })).await["node"].take()
}

/// Waits until so many attempts of a delivery are written down; it as it is then.
pub(super) async fn attempted(world: &World, id: &str, attempts: usize) -> Value {
    let what = format!("{attempts} attempts of {id}");
    until(&what, async || {
        let delivery = delivery(world, id).await;
        delivery["attempts"].as_array().unwrap().len() >= attempts
    })
    .await;
    delivery(world, id).await
}

/// Long enough for the engine to have looked for messages twice.
pub(super) async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(1_200)).await;
}
