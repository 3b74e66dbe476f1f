//! The mutations, as a client asks for them.

use std::time::Duration;

use api::app::{NewTokenOrder, create_token};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tests::World;

const ERRORS: &str = "errors {
    __typename message path
    ... on MissingPermissionsError { missing { resource access required } }
    ... on AccountAlreadyConnectedError { connection { id name } }
    ... on StripeUnavailableError { retryAfterSeconds }
}";

pub(crate) const CONNECTION: &str = "connection {
    id name livemode status statusReason statusMessage apiKeyHint
    account { stripeId displayName country defaultCurrency }
    permissions { granted verified permission { resource } }
    latestImport { id status }
}";

/// What does not happen within this time does not happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Asks for a mutation with a token; the whole body.
pub(crate) async fn mutate_as(
    world: &World,
    token: &str,
    field: &str,
    selection: &str,
    input: Value,
) -> Value {
    let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let query = format!(
        "mutation M($input: {kind}!) {{ {field}(input: $input) {{ {selection} {ERRORS} }} }}"
    );
    world
        .ask_as(token, &query, json!({ "input": input }))
        .await
        .body
}

/// Asks for a mutation with the world's token; the payload.
pub(crate) async fn mutate(world: &World, field: &str, selection: &str, input: Value) -> Value {
    let mut body = mutate_as(world, &world.token, field, selection, input).await;
    assert!(body.get("errors").is_none(), "{field} answered {body:#}");
    body["data"][field].take()
}

pub(crate) async fn check(world: &World, key: &str) -> Value {
    let selection = "livemode account { stripeId displayName }
        permissions { granted verified checkedAt permission { resource } }";
    mutate(world, "checkApiKey", selection, json!({ "apiKey": key })).await
}

pub(crate) async fn connect_as(world: &World, token: &str, name: &str, key: &str) -> Value {
    let input = json!({ "name": name, "apiKey": key });
    let mut body = mutate_as(world, token, "connectWithApiKey", CONNECTION, input).await;
    body["data"]["connectWithApiKey"].take()
}

pub(crate) async fn reconnect(world: &World, id: &str, name: &str, key: &str) -> Value {
    let input = json!({ "name": name, "apiKey": key, "connectionId": id });
    mutate(world, "connectWithApiKey", CONNECTION, input).await
}

pub(crate) async fn rename(world: &World, id: &str, name: &str) -> Value {
    let input = json!({ "connectionId": id, "name": name });
    mutate(world, "renameConnection", "connection { id name }", input).await
}

pub(crate) async fn disconnect(world: &World, id: &str, delete: bool) -> Value {
    let input = json!({ "connectionId": id, "deleteData": delete });
    mutate(world, "disconnect", CONNECTION, input).await
}

pub(crate) async fn start_import(world: &World, id: &str) -> Value {
    let input = json!({ "connectionId": id });
    mutate(world, "startImport", "import { id status }", input).await
}

/// A connection as it is now.
pub(crate) async fn connection(world: &World, id: &str) -> Value {
    let fields = CONNECTION.trim_start_matches("connection");
    let query = format!("query C($id: ID!) {{ connection(id: $id) {fields} }}");
    world.data(&query, json!({ "id": id })).await["connection"].take()
}

/// The one error of a payload that has nothing else.
pub(crate) fn only_error(payload: &Value) -> &Value {
    let errors = payload["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{payload:#}");
    for made in ["connection", "token", "secret", "account", "import"] {
        assert!(payload.get(made).is_none_or(Value::is_null), "{payload:#}");
    }
    &errors[0]
}

/// A token of a workspace with all scopes, made by the operator.
pub(crate) async fn token_of(world: &World, workspace: &str) -> String {
    token_with(world, workspace, &[]).await
}

/// A token of a workspace with some scopes, made by the operator; none for all.
pub(crate) async fn token_with(world: &World, workspace: &str, scopes: &[&str]) -> String {
    let order = NewTokenOrder {
        workspace: workspace.to_owned(),
        name: "made by the operator".to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        expires_in: None,
    };
    let secret = create_token(&world.server.app, order).await.unwrap();
    secret.expose_secret().to_owned()
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, waiting).await.is_ok(),
        "never: {what}"
    );
}
