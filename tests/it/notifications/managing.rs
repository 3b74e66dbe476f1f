//! Making, changing and listing endpoints.

use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    receiver::Receiver,
    support::{
        ALL, ENDPOINT, Endpoint, attempted, endpoint, endpoint_with, inside, send_test, shown,
        update,
    },
};
use crate::connecting::ask::{mutate, mutate_as, token_with};

const URL: &str = "https://partner.example/hooks";

async fn refused(world: &World, token: &str, input: Value) -> Value {
    let mut body = mutate_as(world, token, "createNotificationEndpoint", ENDPOINT, input).await;
    let payload = body["data"]["createNotificationEndpoint"].take();
    assert_eq!(payload["endpoint"], json!(null), "{payload:#}");
    payload["errors"][0].clone()
}

on_every_backend! {
    async fn an_endpoint_is_what_was_asked_for_and_can_be_changed(world: &World) {
        let (_, key) = world.account(sandbox::AccountSpec::with_payments(3));
        let connection = world.connect("Shop", &key).await;
        // What the endpoint is told of would fail, and show in it.
        world.imported(&connection).await;
        let to = endpoint_with(world, json!({
            "url": URL, "description": "Läden", "eventTypes": ["PAYMENTS_CHANGED", "IMPORT_FAILED", "IMPORT_FAILED"],
            "connectionIds": [connection],
        })).await;

        let made = shown(world, &to).await;
        let renamed = update(world, &to, json!({ "description": null, "url": "https://partner.example/2" })).await;
        let of_all = update(world, &to, json!({ "connectionIds": null, "eventTypes": ["IMPORT_COMPLETED"] })).await;

        assert_eq!((&made["url"], &made["description"]), (&json!(URL), &json!("Läden")));
        assert_eq!(made["eventTypes"], json!(["IMPORT_FAILED", "PAYMENTS_CHANGED"]));
        assert_eq!(made["connectionIds"], json!([connection]));
        assert_eq!((&made["enabled"], &made["disabledReason"]), (&json!(true), &json!(null)));
        assert_eq!((&renamed["url"], &renamed["description"]), (&json!("https://partner.example/2"), &json!(null)));
        assert_eq!((&renamed["eventTypes"], &renamed["connectionIds"]), (&made["eventTypes"], &made["connectionIds"]));
        assert_eq!((&of_all["eventTypes"], &of_all["connectionIds"]), (&json!(["IMPORT_COMPLETED"]), &json!(null)));
        assert_eq!(shown(world, &to).await, of_all);
    }

    async fn what_cannot_be_is_refused_where_it_stands(world: &World) {
        let of_connections = token_with(world, "default", &["CONNECTIONS_READ", "CONNECTIONS_WRITE"]).await;
        let nobody = "con_0123456789abcdef0123456789abcdef";
        for (token, kind, path, input) in [
            (&world.token, "InvalidInputError", "eventTypes", json!({ "url": URL, "eventTypes": [] })),
            (&of_connections, "InvalidInputError", "eventTypes", json!({ "url": URL, "eventTypes": ["PAYMENTS_CHANGED"] })),
            (&world.token, "NotFoundError", "connectionIds", json!({ "url": URL, "eventTypes": ALL, "connectionIds": [nobody] })),
            (&world.token, "NotFoundError", "connectionIds", json!({ "url": URL, "eventTypes": ALL, "connectionIds": ["x"] })),
            (&world.token, "NotFoundError", "connectionIds", json!({ "url": URL, "eventTypes": ALL, "connectionIds": [] })),
            (&world.token, "InvalidInputError", "description", json!({ "url": URL, "eventTypes": ALL, "description": "x".repeat(201) })),
            (&world.token, "InvalidInputError", "description", json!({ "url": URL, "eventTypes": ALL, "description": "a\nb" })),
        ] {
            let error = refused(world, token, input.clone()).await;
            assert_eq!((&error["__typename"], &error["path"]), (&json!(kind), &json!(["input", path])), "{input}");
        }
    }

    async fn whoever_may_not_see_payments_does_not_lead_them_elsewhere(world: &World) {
        let to = endpoint_with(world, json!({ "url": URL, "eventTypes": ["PAYMENTS_CHANGED"] })).await;
        let token = token_with(world, "default", &["CONNECTIONS_READ", "CONNECTIONS_WRITE"]).await;

        let input = json!({ "endpointId": to.id, "url": "https://elsewhere.example/" });
        let body = mutate_as(world, &token, "updateNotificationEndpoint", ENDPOINT, input).await;

        let errors = &body["data"]["updateNotificationEndpoint"]["errors"];
        assert_eq!(errors[0]["path"], json!(["input", "eventTypes"]));
        assert_eq!(shown(world, &to).await["url"], URL);
    }

    async fn a_workspace_has_twenty_at_most(world: &World) {
        for _ in 0..20 {
            endpoint_with(world, json!({ "url": URL, "eventTypes": ["IMPORT_FAILED"] })).await;
        }

        let error = refused(world, &world.token, json!({ "url": URL, "eventTypes": ALL })).await;

        assert!(error["message"].as_str().unwrap().contains("at most 20"), "{error}");
        let listed = world.data("{ notificationEndpoints { id } }", json!({})).await;
        assert_eq!(listed["notificationEndpoints"].as_array().unwrap().len(), 20);
    }

    #[options(inside())]
    async fn deliveries_are_read_page_by_page(world: &World) {
        let receiver = Receiver::start().await;
        let to: Endpoint = endpoint(world, &receiver, &["IMPORT_FAILED"]).await;
        let mut sent = Vec::new();
        for _ in 0..5 {
            sent.insert(0, send_test(world, &to).await);
        }
        for id in &sent {
            attempted(world, id, 1).await;
        }
        let query = "query($id: ID!, $after: String, $state: NotificationDeliveryState) {
            notificationEndpoint(id: $id) { deliveries(first: 2, after: $after, state: $state) {
              nodes { id } pageInfo { hasNextPage endCursor } } } }";
        let page = async |after: Value, state: Value| {
            let variables = json!({ "id": to.id, "after": after, "state": state });
            world.data(query, variables).await["notificationEndpoint"]["deliveries"].take()
        };

        let mut read = Vec::new();
        let mut after = json!(null);
        loop {
            let mut found = page(after, json!("DELIVERED")).await;
            let nodes = found["nodes"].as_array().unwrap();
            read.extend(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()));
            if found["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = found["pageInfo"]["endCursor"].take();
        }

        assert_eq!(read, sent);
        assert_eq!(page(json!(null), json!("FAILED")).await["nodes"], json!([]));
    }

    async fn the_same_request_makes_one_endpoint(world: &World) {
        let query = "mutation($input: CreateNotificationEndpointInput!) {
            createNotificationEndpoint(input: $input) @idempotent(key: \"once\") { secret endpoint { id } errors { message } } }";
        let input = json!({ "input": { "url": URL, "eventTypes": ["IMPORT_FAILED"] } });

        let first = world.data(query, input.clone()).await;
        let again = world.data(query, input).await;

        assert_eq!(first, again);
        let listed = world.data("{ notificationEndpoints { id } }", json!({})).await;
        assert_eq!(listed["notificationEndpoints"].as_array().unwrap().len(), 1);
    }

    async fn what_is_done_is_written_down(world: &World) {
        let to = endpoint_with(world, json!({ "url": URL, "eventTypes": ["IMPORT_FAILED"] })).await;
        let input = json!({ "endpointId": to.id });
        update(world, &to, json!({ "enabled": false })).await;
        update(world, &to, json!({ "enabled": true })).await;
        mutate(world, "rotateNotificationSecret", "secret", input.clone()).await;
        mutate(world, "deleteNotificationEndpoint", "deletedEndpointId", input).await;

        let tables = tests::Tables::open(&world.database_url()).await;
        let actions = tables
            .texts("SELECT action FROM audit_log WHERE action LIKE 'notification%' ORDER BY at, id")
            .await;
        tables.close().await;
        let endpoint = |action| format!("notification_endpoint.{action}");
        assert_eq!(actions, ["created", "updated", "updated", "secret_rotated", "deleted"].map(endpoint));
    }
}
