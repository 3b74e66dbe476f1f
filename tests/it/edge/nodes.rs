//! Anything is found again by its id.

use std::collections::BTreeMap;

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::{code, message, token_of},
    shop::Shop,
};

const NODE: &str = "
    query($id: ID!) { node(id: $id) {
      __typename id
      ... on Workspace { name } ... on ApiToken { hint scopes } ... on DataConnection { name }
      ... on Import { status } ... on Payment { stripeId } ... on Refund { stripeId } ... on Dispute { stripeId }
      ... on PaymentExport { format }
      ... on NotificationEndpoint { url } ... on NotificationDelivery { eventType }
    } }";

const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

const KINDS: [&str; 10] = [
    "Workspace",
    "ApiToken",
    "DataConnection",
    "Import",
    "Payment",
    "Refund",
    "Dispute",
    "PaymentExport",
    "NotificationEndpoint",
    "NotificationDelivery",
];

/// An id of every kind of node.
pub(super) async fn one_of_each(shop: &Shop<'_>) -> BTreeMap<&'static str, String> {
    let refunds = shop.refunds();
    let disputed = shop.disputes().into_values().find(|dispute| {
        refunds
            .values()
            .any(|refund| refund["charge"] == dispute["charge"])
    });
    let refunded = refunds.into_values().next().unwrap();
    let disputed = disputed
        .or_else(|| shop.disputes().into_values().next())
        .unwrap();
    let query = "query($connection: ID!, $refunded: String!, $disputed: String!) {
        viewer { workspace { id } token { id } }
        connection(id: $connection) { latestImport { id } }
        refunded: payments(filter: { stripeIds: [$refunded] }) { nodes { id refunds { nodes { id } } } }
        disputed: payments(filter: { stripeIds: [$disputed] }) { nodes { disputes { id } } } }";
    let variables = json!({
        "connection": shop.connection, "refunded": refunded["charge"], "disputed": disputed["charge"],
    });
    let data = shop.world.data(query, variables).await;
    let (endpoint, delivery) = endpoint_and_delivery(shop.world).await;
    let id = |pointer: &str| {
        data.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer}: {data:#}"))
            .to_owned()
    };
    let order = "mutation { exportPayments(input: { format: CSV }) { export { id } } }";
    let ordered = shop.world.data(order, json!({})).await;
    let export = &ordered["exportPayments"]["export"]["id"];
    BTreeMap::from([
        ("PaymentExport", export.as_str().unwrap().to_owned()),
        ("Workspace", id("/viewer/workspace/id")),
        ("ApiToken", id("/viewer/token/id")),
        ("DataConnection", shop.connection.clone()),
        ("Import", id("/connection/latestImport/id")),
        ("Payment", id("/refunded/nodes/0/id")),
        ("Refund", id("/refunded/nodes/0/refunds/nodes/0/id")),
        ("Dispute", id("/disputed/nodes/0/disputes/0/id")),
        ("NotificationEndpoint", endpoint),
        ("NotificationDelivery", delivery),
    ])
}

/// An endpoint for notifications, and a message to it that arrives nowhere.
async fn endpoint_and_delivery(world: &World) -> (String, String) {
    let create = "mutation { createNotificationEndpoint(input: {
        url: \"https://partner.invalid/hooks\", eventTypes: [IMPORT_FAILED] }) { endpoint { id } } }";
    let made = world.data(create, json!({})).await;
    let endpoint = &made["createNotificationEndpoint"]["endpoint"]["id"];
    let test = "mutation($id: ID!) { sendTestNotification(input: { endpointId: $id }) { delivery { id } } }";
    let sent = world.data(test, json!({ "id": endpoint })).await;
    let delivery = sent["sendTestNotification"]["delivery"]["id"]
        .as_str()
        .unwrap();
    (endpoint.as_str().unwrap().to_owned(), delivery.to_owned())
}

/// An id of the same kind that nothing has.
pub(super) fn unknown(id: &str) -> String {
    format!("{}{}", &id[..4], "0123456789abcdef".repeat(2))
}

async fn node(world: &World, id: &str) -> Value {
    world.data(NODE, json!({ "id": id })).await["node"].take()
}

on_every_backend! {
    async fn every_kind_of_node_is_found_by_its_id(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let ids = one_of_each(&shop).await;

        for kind in KINDS {
            let found = node(world, &ids[kind]).await;
            assert_eq!((&found["__typename"], &found["id"]), (&json!(kind), &json!(ids[kind])));
        }
        assert_eq!(node(world, &ids["Workspace"]).await["name"], "default");
        assert_eq!(node(world, &ids["DataConnection"]).await["name"], "Shop");
        assert_eq!(node(world, &ids["Import"]).await["status"], "SUCCEEDED");
        let token = node(world, &ids["ApiToken"]).await;
        assert!(world.token.starts_with(token["hint"].as_str().unwrap().trim_end_matches('…')), "{token}");
        assert!(!token.to_string().contains(&world.token));
    }

    async fn nodes_come_in_the_order_asked_for_with_nulls(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let ids = one_of_each(&shop).await;
        let mut asked = Vec::new();
        for kind in KINDS.iter().rev() {
            asked.extend([ids[*kind].clone(), unknown(&ids[*kind]), ids[*kind].to_uppercase()]);
        }
        asked.extend([String::new(), "x".to_owned(), "pay_".to_owned(), ids["Payment"].clone(), ids["Payment"].clone()]);
        asked.push(ids["Payment"].replacen("pay_", "con_", 1));

        let nodes = world.data(NODES, json!({ "ids": asked })).await["nodes"].take();

        let got: Vec<_> = nodes.as_array().unwrap().iter().map(|node| node["id"].as_str()).collect();
        let known = asked.iter().map(|id| ids.values().find(|known| *known == id).map(String::as_str));
        assert_eq!(got, known.collect::<Vec<_>>());
    }

    async fn what_is_no_id_is_an_id_of_nothing(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let ids = one_of_each(&shop).await;

        for (kind, id) in &ids {
            let hex = &id[4..];
            for wrong in [
                unknown(id), id.to_uppercase(), format!("{}{}", &id[..4], hex.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A")),
                format!("{id} "), format!("{id}0"), id[..id.len() - 1].to_owned(), hex.to_owned(),
                format!("{id}\u{0}"), id.replacen('_', "-", 1), id.replacen(&id[..1], "é", 1), "x".repeat(100_000),
            ] {
                assert_eq!(node(world, &wrong).await, Value::Null, "{kind}");
            }
            for (other, id_of_other) in ids.iter().filter(|(other, _)| *other != kind) {
                let crossed = format!("{}{hex}", &id_of_other[..4]);
                assert_eq!(node(world, &crossed).await, Value::Null, "{kind} as {other}");
            }
        }
        let data = world.data(
            "query($pay: ID!, $con: ID!) { a: payment(id: $con) { id } b: connection(id: $pay) { id } c: payment(id: $pay) { id } }",
            json!({ "pay": ids["Payment"], "con": ids["DataConnection"] }),
        ).await;
        assert_eq!(data, json!({ "a": null, "b": null, "c": { "id": ids["Payment"] } }));
    }

    async fn at_most_a_hundred_nodes_at_once(world: &World) {
        let many = |count: usize| json!({ "ids": vec!["pay_0123456789abcdef0123456789abcdef"; count] });

        let most = world.data(NODES, many(100)).await;
        let too_many = world.graphql(NODES, many(101)).await;
        let none = world.data(NODES, many(0)).await;

        assert_eq!(most["nodes"].as_array().unwrap().len(), 100);
        assert_eq!(code(&too_many), "BAD_USER_INPUT");
        assert!(message(&too_many).contains("100"));
        assert_eq!(none["nodes"], json!([]));
    }

    async fn a_node_needs_the_scope_of_its_kind(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let ids = one_of_each(&shop).await;
        let needed = |kind: &str| match kind {
            "DataConnection" | "Import" | "NotificationEndpoint" | "NotificationDelivery" => Some("CONNECTIONS_READ"),
            "Payment" | "Refund" | "Dispute" | "PaymentExport" => Some("PAYMENTS_READ"),
            "ApiToken" => Some("TOKENS_MANAGE"),
            _ => None,
        };

        for scope in ["CONNECTIONS_READ", "CONNECTIONS_WRITE", "PAYMENTS_READ", "TOKENS_MANAGE"] {
            let token = token_of(world, "default", &[scope]).await;
            for (kind, id) in &ids {
                let answer = world.ask_as(&token, NODE, json!({ "id": id })).await.body;
                if needed(kind).is_none_or(|needed| needed == scope) {
                    assert_eq!(answer["data"]["node"]["id"], **id, "{kind} with {scope}");
                } else {
                    assert_eq!(code(&answer), "FORBIDDEN", "{kind} with {scope}");
                    assert_eq!(answer["data"]["node"], Value::Null, "{kind} with {scope}");
                }
            }
        }
    }
}
