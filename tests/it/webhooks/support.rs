//! A merchant's own look at the webhook endpoints of a Stripe account, and a client's at a connection's webhook.

use api::ids::{ConnectionId, WorkspaceId};
use sandbox::AccountSpec;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tests::World;

/// Where the gateway of the tests says that it is reached.
pub(super) const HERE: &str = "http://127.0.0.1:8080";

/// A Stripe account that is connected by a key.
pub(super) struct Shop {
    pub(super) account: String,
    pub(super) key: String,
    pub(super) merchant: Merchant,
    pub(super) connection: String,
}

/// Connects an account of a few payments and waits for its import.
pub(super) async fn shop(world: &World, name: &str) -> Shop {
    let (account, key) = world.account(AccountSpec::with_payments(3));
    let merchant = Merchant::of(world, &account);
    let connection = world.connect(name, &key).await;
    world.imported(&connection).await;
    Shop {
        account,
        key,
        merchant,
        connection,
    }
}

/// The owner of a Stripe account, who may do everything there.
pub(super) struct Merchant(String);

impl Merchant {
    pub(super) fn of(world: &World, account: &str) -> Self {
        Self(world.stripe.create_secret_key(account))
    }

    /// Every endpoint, newest first.
    pub(super) async fn endpoints(&self, world: &World) -> Vec<Value> {
        let url = format!("{}/v1/webhook_endpoints?limit=100", world.stripe.url());
        let answer = world.send(world.http.get(url).bearer_auth(&self.0)).await;
        answer.body["data"].as_array().unwrap().clone()
    }

    /// The ids of every endpoint, newest first.
    pub(super) async fn ids(&self, world: &World) -> Vec<String> {
        let endpoints = self.endpoints(world).await;
        endpoints.iter().map(|it| text(&it["id"])).collect()
    }

    /// Makes an endpoint as a person or an older gateway would; its id.
    pub(super) async fn add(&self, world: &World, url: &str, more: &[(&str, &str)]) -> String {
        let mut form = vec![("url", url), ("enabled_events[]", "charge.succeeded")];
        form.extend(more);
        text(&self.post(world, "", &form).await["id"])
    }

    /// Changes an endpoint.
    pub(super) async fn change(&self, world: &World, id: &str, form: &[(&str, &str)]) {
        self.post(world, &format!("/{id}"), form).await;
    }

    pub(super) async fn disable(&self, world: &World, id: &str) {
        self.change(world, id, &[("disabled", "true")]).await;
    }

    pub(super) async fn delete(&self, world: &World, id: &str) {
        let url = format!("{}/v1/webhook_endpoints/{id}", world.stripe.url());
        let answer = world
            .send(world.http.delete(url).bearer_auth(&self.0))
            .await;
        assert_eq!(answer.body["deleted"], true, "{:#}", answer.body);
    }

    async fn post(&self, world: &World, path: &str, form: &[(&str, &str)]) -> Value {
        let url = format!("{}/v1/webhook_endpoints{path}", world.stripe.url());
        let answer = world
            .send(world.http.post(url).bearer_auth(&self.0).form(form))
            .await;
        assert!(answer.status.is_success(), "{:#}", answer.body);
        answer.body
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

const STANDING: &str = "id status statusReason statusMessage
    webhook {
      status url stripeId missingEventTypes lastEventAt createdAt
      conflictingEndpoints { stripeId url createdAt }
    }";

const ERRORS: &str = "errors {
    __typename message path
    ... on MissingPermissionsError { missing { resource } }
    ... on WebhookAlreadyExistsError { endpoints { stripeId url createdAt } }
    ... on StripeUnavailableError { retryAfterSeconds }
}";

/// A connection with its webhook.
pub(super) async fn standing(world: &World, connection: &str) -> Value {
    let query = format!("query($id: ID!) {{ connection(id: $id) {{ {STANDING} }} }}");
    world.data(&query, json!({ "id": connection })).await["connection"].take()
}

/// Connects a key, perhaps to a connection that is there; the payload.
pub(super) async fn connect(world: &World, name: &str, key: &str, to: Option<&str>) -> Value {
    let query = format!(
        "mutation($input: ConnectWithApiKeyInput!) {{
            connectWithApiKey(input: $input) {{ connection {{ {STANDING} latestImport {{ id }} }} {ERRORS} }} }}"
    );
    let input = json!({ "name": name, "apiKey": key, "connectionId": to });
    world.data(&query, json!({ "input": input })).await["connectWithApiKey"].take()
}

/// Rebuilds a webhook; the payload.
pub(super) async fn rebuild(world: &World, connection: &str) -> Value {
    let query = format!(
        "mutation($id: ID!) {{ rebuildWebhook(input: {{ connectionId: $id }}) {{
            connection {{ {STANDING} }} webhook {{ status stripeId url }}
            removed {{ stripeId url createdAt }} {ERRORS} }} }}"
    );
    world.data(&query, json!({ "id": connection })).await["rebuildWebhook"].take()
}

/// Disconnects; the payload.
pub(super) async fn disconnect(world: &World, connection: &str) -> Value {
    let query = format!(
        "mutation($id: ID!) {{ disconnect(input: {{ connectionId: $id }}) {{ connection {{ {STANDING} }} {ERRORS} }} }}"
    );
    world.data(&query, json!({ "id": connection })).await["disconnect"].take()
}

/// The Stripe ids in a list of endpoints of the API.
pub(super) fn stripe_ids(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter().map(|it| text(&it["stripeId"])).collect()
}

/// The id of a connection inside.
pub(crate) fn inner(connection: &str) -> ConnectionId {
    let (_, hex) = connection.split_once('_').unwrap();
    ConnectionId(uuid::Uuid::parse_str(hex).unwrap())
}

/// The workspace of a connection that has secrets.
pub(super) async fn workspace(world: &World, connection: &str) -> WorkspaceId {
    let gateway = &world.server.app.gateway;
    let secrets = gateway.webhook_secrets(inner(connection)).await.unwrap();
    secrets.unwrap().workspace
}

/// Lets the steward look at every webhook now.
pub(super) async fn look(world: &World) {
    execute(
        world,
        "UPDATE webhook_endpoints SET check_at = created_at WHERE state = 'live'",
    )
    .await;
    world.server.app.gateway.check_webhooks().await.unwrap();
}

/// Runs a statement on the database of a test.
pub(super) async fn execute(world: &World, sql: &str) -> u64 {
    let database = world.database().await;
    let done = database.execute_unprepared(sql).await.unwrap();
    done.rows_affected()
}

/// How many rows there are: `count(world, "connections WHERE livemode")`.
pub(super) async fn count(world: &World, of: &str) -> i64 {
    let database = world.database().await;
    let sql = format!("SELECT COUNT(*) AS many FROM {of}");
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "many").unwrap()
}
