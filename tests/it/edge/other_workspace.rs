//! What another workspace has is, at every entry, exactly what does not exist.

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::token_of,
    nodes::{one_of_each, unknown},
    shop::{Shop, found},
};

/// Every entry that takes an id, which is `$id`.
pub(super) const ENTRIES: [&str; 25] = [
    "query($id: ID!) { node(id: $id) { __typename id } }",
    "query($id: ID!) { nodes(ids: [$id]) { __typename id } }",
    "query($id: ID!) { connection(id: $id) { id name payments { totalCount } } }",
    "query($id: ID!) { payment(id: $id) { id stripeId } }",
    "query($id: ID!) { payments(filter: { connectionIds: [$id] }) { totalCount nodes { id } pageInfo { endCursor } } }",
    "query($id: ID!) { paymentStats(filter: { connectionIds: [$id] }, groupBy: [CONNECTION, BIN]) { attempts dimensions { value label } } }",
    "mutation($id: ID!) { renameConnection(input: { connectionId: $id, name: \"Mine now\" }) { connection { id } errors { __typename message path } } }",
    "mutation($id: ID!) { startImport(input: { connectionId: $id }) { import { id } errors { __typename message path } } }",
    "mutation($id: ID!) { startImport(input: { connectionId: $id, resources: [] }) { import { id } errors { __typename message path } } }",
    "mutation($id: ID!) { cancelImport(input: { importId: $id }) { import { id } errors { __typename message path } } }",
    "mutation($id: ID!) { disconnect(input: { connectionId: $id, deleteData: true }) { connection { id } errors { __typename message path } } }",
    "mutation($id: ID!) { revokeApiToken(input: { tokenId: $id }) { token { id } errors { __typename message path } } }",
    "mutation($id: ID!) { rotateApiToken(input: { tokenId: $id }) { token { id } secret replaced { id } errors { __typename message path } } }",
    "mutation($id: ID!) { cancelExport(input: { exportId: $id }) { export { id } errors { __typename message path } } }",
    "mutation($id: ID!) { rebuildWebhook(input: { connectionId: $id }) { connection { id } errors { __typename message path } } }",
    "mutation($id: ID!) { startStripeOAuth(input: { name: \"x\", connectionId: $id }) { authorizationUrl errors { __typename message path } } }",
    "query($id: ID!) { notificationEndpoint(id: $id) { id url secretless: previousSecretUntil deliveries { nodes { id } } } }",
    "mutation($id: ID!) { createNotificationEndpoint(input: { url: \"https://partner.example\", eventTypes: [IMPORT_FAILED], connectionIds: [$id] }) { endpoint { id } secret errors { __typename message path } } }",
    "mutation($id: ID!) { updateNotificationEndpoint(input: { endpointId: $id, url: \"https://elsewhere.example\", enabled: false }) { endpoint { id } errors { __typename message path } } }",
    "mutation($id: ID!) { updateNotificationEndpoint(input: { endpointId: $id, connectionIds: [$id] }) { endpoint { id } errors { __typename message path } } }",
    "mutation($id: ID!) { deleteNotificationEndpoint(input: { endpointId: $id }) { deletedEndpointId errors { __typename message path } } }",
    "mutation($id: ID!) { rotateNotificationSecret(input: { endpointId: $id }) { endpoint { id } secret errors { __typename message path } } }",
    "mutation($id: ID!) { sendTestNotification(input: { endpointId: $id }) { delivery { id } errors { __typename message path } } }",
    "mutation($id: ID!) { redeliverNotification(input: { deliveryId: $id }) { delivery { id } errors { __typename message path } } }",
    "mutation($id: ID!, $key: String!) { connectWithApiKey(input: { name: \"Mine\", apiKey: $key, connectionId: $id }) { connection { id } errors { __typename message path } } }",
];

/// An answer without what differs from request to request.
async fn answer(world: &World, token: &str, query: &str, id: &str, key: &str) -> (u16, Value) {
    let variables = if query.contains("$key") {
        json!({ "id": id, "key": key })
    } else {
        json!({ "id": id })
    };
    let mut answer = world.ask_as(token, query, variables).await;
    for error in answer.body["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"]["requestId"].take();
    }
    // What is left of the allowance changes with time.
    answer.body["extensions"]["cost"]["remaining"].take();
    (answer.status.as_u16(), answer.body)
}

/// Everything of a workspace that another could have changed.
pub(super) async fn state(world: &World, shop: &Shop<'_>) -> Value {
    let query = "query($id: ID!) { notificationEndpoints { id url enabled updatedAt deliveries { nodes { id } } } viewer { token { id revokedAt } } connection(id: $id) {
        id name status updatedAt apiKeyHint imports { nodes { id status finishedAt } } payments { totalCount } } }";
    world.data(query, json!({ "id": shop.connection })).await
}

on_every_backend! {
    async fn ids_of_another_workspace_are_unknown_at_every_entry(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let ids = one_of_each(&shop).await;
        let stranger = token_of(world, "elsewhere", &[]).await;
        let (_, key) = world.account(AccountSpec::with_payments(5).seed(9));
        let before = state(world, &shop).await;

        for entry in ENTRIES {
            for (kind, id) in &ids {
                let foreign = answer(world, &stranger, entry, id, &key).await;
                let nothing = answer(world, &stranger, entry, &unknown(id), &key).await;

                assert_eq!(foreign, nothing, "{kind} at {entry}");
                assert!(!foreign.1.to_string().contains(id), "{kind} at {entry} is repeated");
            }
        }
        assert_eq!(state(world, &shop).await, before, "a stranger changed something");
        assert_eq!(world.ask_as(&stranger, "{ connections { totalCount } payments { totalCount } }", json!({})).await.body["data"],
            json!({ "connections": { "totalCount": 0 }, "payments": { "totalCount": "0" } }));
    }

    async fn our_own_ids_do_not_answer_like_unknown_ones(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let ids = one_of_each(&shop).await;

        for (kind, entry) in [("Payment", 0), ("Refund", 1), ("DataConnection", 2), ("Payment", 3), ("DataConnection", 4)] {
            let own = answer(world, &world.token, ENTRIES[entry], &ids[kind], "").await;
            let nothing = answer(world, &world.token, ENTRIES[entry], &unknown(&ids[kind]), "").await;
            assert_ne!(own, nothing, "{kind}: this comparison would never fail");
        }
        let kind = "Import";
        let entry = ENTRIES.into_iter().find(|entry| entry.contains("cancelImport")).unwrap();
        assert_eq!(answer(world, &world.token, entry, &ids[kind], "").await.1["data"]["cancelImport"]["import"]["id"], *ids[kind]);
    }

    async fn a_stranger_s_subscription_is_one_to_nothing(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;
        let stranger = token_of(world, "elsewhere", &[]).await;
        let query = "subscription($id: ID!) { importProgress(connectionId: $id) { percentComplete } }";
        let mut socket = tests::Socket::open(&world.url("/graphql/ws")).await;
        socket.introduce(&stranger).await;

        let mut told = Vec::new();
        for id in [shop.connection.clone(), unknown(&shop.connection)] {
            socket.subscribe("1", query, json!({ "id": id })).await;
            let mut errors = socket.next_of("error").await;
            errors[0]["extensions"]["requestId"].take();
            told.push(errors);
        }

        assert_eq!(told[0], told[1]);
        assert_eq!(told[0][0]["extensions"]["code"], "BAD_USER_INPUT");
    }

    async fn the_same_account_in_two_workspaces_is_two_connections(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(60));
        let ours = Shop::open_as(world, "Shop", account, &key).await;
        let stranger = token_of(world, "elsewhere", &[]).await;
        let connect = "mutation($key: String!) { connectWithApiKey(input: { name: \"Shop\", apiKey: $key }) { connection { id } errors { message } } }";

        let theirs = world.ask_as(&stranger, connect, json!({ "key": key })).await.body;
        let theirs = theirs["data"]["connectWithApiKey"]["connection"]["id"].as_str().unwrap_or_else(|| panic!("{theirs:#}"));
        let count = async || world.ask_as(&stranger, "{ payments { totalCount } }", json!({})).await.body;
        while count().await["data"]["payments"]["totalCount"] != "60" {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }

        assert_ne!(theirs, ours.connection);
        assert_eq!(found(world, &json!({})).await.1, 60);
    }
}
