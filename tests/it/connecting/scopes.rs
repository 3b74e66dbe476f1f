//! What each entrance asks of a token.

use std::collections::BTreeSet;

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{Socket, World, on_every_backend};

use super::ask::token_with;

const SCOPES: [&str; 4] = [
    "CONNECTIONS_READ",
    "CONNECTIONS_WRITE",
    "PAYMENTS_READ",
    "TOKENS_MANAGE",
];

/// Every entrance with its scope; `ID` stands for a connection's id. An empty scope: any token will do.
pub(super) const ENTRANCES: [(&str, &str); 45] = [
    ("", "{ viewer { scopes } }"),
    ("", "{ stripePermissions { resource } }"),
    ("", "{ node(id: \"con_\") { id } }"),
    ("", "{ nodes(ids: [\"\"]) { id } }"),
    ("CONNECTIONS_READ", "{ node(id: \"ID\") { id } }"),
    ("CONNECTIONS_READ", "{ nodes(ids: [\"ID\"]) { id } }"),
    (
        "CONNECTIONS_READ",
        "{ node(id: \"imp_00000000000000000000000000000000\") { id } }",
    ),
    (
        "PAYMENTS_READ",
        "{ node(id: \"pay_00000000000000000000000000000000\") { id } }",
    ),
    (
        "PAYMENTS_READ",
        "{ node(id: \"ref_00000000000000000000000000000000\") { id } }",
    ),
    (
        "PAYMENTS_READ",
        "{ node(id: \"dsp_00000000000000000000000000000000\") { id } }",
    ),
    (
        "TOKENS_MANAGE",
        "{ node(id: \"tok_00000000000000000000000000000000\") { id } }",
    ),
    (
        "CONNECTIONS_READ",
        "{ node(id: \"nep_00000000000000000000000000000000\") { id } }",
    ),
    (
        "CONNECTIONS_READ",
        "{ node(id: \"ntf_00000000000000000000000000000000\") { id } }",
    ),
    ("CONNECTIONS_READ", "{ notificationEndpoints { id } }"),
    (
        "CONNECTIONS_READ",
        "{ notificationEndpoint(id: \"x\") { id } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { createNotificationEndpoint(input: { url: \"https://a.example\", eventTypes: [] }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { updateNotificationEndpoint(input: { endpointId: \"\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { deleteNotificationEndpoint(input: { endpointId: \"\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { rotateNotificationSecret(input: { endpointId: \"\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { sendTestNotification(input: { endpointId: \"\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { redeliverNotification(input: { deliveryId: \"\" }) { errors { message } } }",
    ),
    ("CONNECTIONS_READ", "{ connection(id: \"ID\") { id } }"),
    ("CONNECTIONS_READ", "{ connections { totalCount } }"),
    ("PAYMENTS_READ", "{ payment(id: \"x\") { id } }"),
    ("PAYMENTS_READ", "{ payments(first: 1) { nodes { id } } }"),
    ("PAYMENTS_READ", "{ paymentStats { __typename } }"),
    (
        "CONNECTIONS_WRITE",
        "mutation { startStripeOAuth(input: { name: \"x\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { connectWithApiKey(input: { name: \"x\", apiKey: \"\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { checkApiKey(input: { apiKey: \"\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { rebuildWebhook(input: { connectionId: \"ID\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { renameConnection(input: { connectionId: \"ID\", name: \"\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { startImport(input: { connectionId: \"\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { cancelImport(input: { importId: \"\" }) { errors { message } } }",
    ),
    (
        "CONNECTIONS_WRITE",
        "mutation { disconnect(input: { connectionId: \"\" }) { errors { message } } }",
    ),
    (
        "TOKENS_MANAGE",
        "mutation { createApiToken(input: { name: \"\", scopes: [] }) { errors { message } } }",
    ),
    (
        "TOKENS_MANAGE",
        "mutation { revokeApiToken(input: { tokenId: \"\" }) { errors { message } } }",
    ),
    (
        "TOKENS_MANAGE",
        "mutation { rotateApiToken(input: { tokenId: \"\" }) { errors { message } } }",
    ),
    (
        "PAYMENTS_READ",
        "{ node(id: \"exp_00000000000000000000000000000000\") { id } }",
    ),
    ("PAYMENTS_READ", "{ exports { nodes { id } } }"),
    (
        "PAYMENTS_READ",
        "mutation { exportPayments(input: { format: CSV, filter: { createdAt: { gte: \"2026-01-02T00:00:00Z\", lt: \"2026-01-01T00:00:00Z\" } } }) { errors { message } } }",
    ),
    (
        "PAYMENTS_READ",
        "mutation { cancelExport(input: { exportId: \"\" }) { errors { message } } }",
    ),
    (
        "PAYMENTS_READ",
        "subscription { exportUpdated(id: \"\") { status } }",
    ),
    (
        "CONNECTIONS_READ",
        "subscription { importProgress(connectionId: \"ID\") { status } }",
    ),
    (
        "CONNECTIONS_READ",
        "subscription { connectionUpdated(connectionId: \"\") { id } }",
    ),
    (
        "PAYMENTS_READ",
        "subscription { paymentsChanged(filter: { customerId: \"\\u0000\" }) { id } }",
    ),
];

/// The errors of one operation, over whichever transport it needs; a missing token is none.
pub(super) async fn errors(world: &World, token: Option<&str>, operation: &str) -> Vec<Value> {
    let answer = if operation.starts_with("subscription") {
        first_answer(world, token, operation).await
    } else {
        let body = json!({ "query": operation });
        let mut request = world.http.post(world.url("/graphql")).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        world.send(request).await.body
    };
    match answer {
        Value::Array(errors) => errors,
        answer => answer["errors"].as_array().cloned().unwrap_or_default(),
    }
}

async fn first_answer(world: &World, token: Option<&str>, operation: &str) -> Value {
    let mut socket = Socket::open(&world.url("/graphql/ws")).await;
    if let Some(token) = token {
        socket.introduce(token).await;
    } else {
        socket.send(json!({ "type": "connection_init" })).await;
        assert_eq!(socket.next().await.unwrap()["type"], "connection_ack");
    }
    socket.subscribe("1", operation, json!({})).await;
    let mut message = socket.next().await.unwrap();
    assert!(
        matches!(message["type"].as_str(), Some("next" | "error")),
        "{message}"
    );
    message["payload"].take()
}

fn codes(errors: &[Value]) -> Vec<&str> {
    errors
        .iter()
        .map(|error| error["extensions"]["code"].as_str().unwrap())
        .collect()
}

/// The entrances that the schema has.
async fn roots(world: &World) -> BTreeSet<String> {
    let query = "{ __schema {
        queryType { fields { name } } mutationType { fields { name } } subscriptionType { fields { name } } } }";
    let data = world.data(query, json!({})).await;
    ["queryType", "mutationType", "subscriptionType"]
        .iter()
        .flat_map(|kind| data["__schema"][kind]["fields"].as_array().unwrap())
        .map(|field| field["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The name of the field that an operation asks for.
fn root(operation: &str) -> String {
    let (_, rest) = operation.split_once("{ ").unwrap();
    rest.split([' ', '(']).next().unwrap().to_owned()
}

on_every_backend! {
    async fn no_entrance_is_left_out_here(world: &World) {
        let named: BTreeSet<_> = ENTRANCES.iter().map(|(_, operation)| root(operation)).collect();

        assert_eq!(named, roots(world).await);
    }

    async fn a_missing_scope_is_forbidden_and_named_at_every_entrance(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let id = world.connect("Shop", &key).await;
        let mut without = Vec::new();
        let mut with = Vec::new();
        for scope in SCOPES {
            let others: Vec<_> = SCOPES.into_iter().filter(|other| *other != scope).collect();
            without.push((scope, token_with(world, "default", &others).await));
            with.push((scope, token_with(world, "default", &[scope]).await));
        }

        for (scope, operation) in ENTRANCES {
            let operation = operation.replace("ID", &id);
            for (missing, token) in &without {
                let errors = errors(world, Some(token), &operation).await;
                let forbidden = codes(&errors).contains(&"FORBIDDEN");
                assert_eq!(forbidden, *missing == scope, "{operation} without {missing}: {errors:#?}");
                if forbidden {
                    let message = errors[0]["message"].as_str().unwrap();
                    assert!(message.contains(scope), "{operation}: {message}");
                }
            }
            for (only, token) in &with {
                let errors = errors(world, Some(token), &operation).await;
                let forbidden = codes(&errors).contains(&"FORBIDDEN");
                let wanted = !scope.is_empty() && *only != scope;
                assert_eq!(forbidden, wanted, "{operation} with {only} alone: {errors:#?}");
            }
        }
    }
}
