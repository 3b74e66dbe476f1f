//! What happens to imports and connections is told.

use sandbox::{AccountSpec, Latency};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{World, on_every_backend};

use super::{
    receiver::Receiver,
    support::{ALL, a_moment, deliveries, endpoint, endpoint_with, inside},
};
use crate::connecting::ask::{disconnect, mutate, reconnect, start_import, until};

async fn cancel(world: &World, import: &Value) {
    let input = json!({ "importId": import });
    mutate(world, "cancelImport", "import { status }", input).await;
}

on_every_backend! {
    #[options(inside())]
    async fn the_end_of_an_import_and_of_its_connection_is_told(world: &World) {
        let receiver = Receiver::start().await;
        let to = endpoint(world, &receiver, &ALL).await;
        let (_, key) = world.account(AccountSpec::with_payments(30));

        let connection = world.connect("Shop", &key).await;
        let import = world.imported(&connection).await;
        let completed = receiver.wait_for_type("import.completed").await;
        disconnect(world, &connection, false).await;
        let ended = receiver.wait_for_type("connection.disconnected").await;

        assert!(completed.is_signed_by(&to.secret) && ended.is_signed_by(&to.secret));
        assert_eq!(completed.body["data"], json!({
            "connectionId": connection, "importId": import["id"], "status": "SUCCEEDED", "failureCode": null,
        }));
        assert_eq!(ended.body["data"], json!({
            "connectionId": connection, "status": "DISCONNECTED", "reason": "DISCONNECTED_BY_USER",
        }));
        let told = deliveries(world, &to).await;
        let of_import: Vec<_> = told.iter().filter(|one| one["eventType"] == "import.completed").collect();
        assert_eq!(of_import.len(), 1, "{told:#?}");
        assert_eq!(of_import[0]["connection"]["id"], *connection);
        assert_eq!(of_import[0]["id"], *completed.id);
    }

    #[options(inside())]
    async fn a_key_that_is_lost_and_replaced_is_told(world: &World) {
        let receiver = Receiver::start().await;
        endpoint(world, &receiver, &ALL[..6]).await;
        let (account, key) = world.account(AccountSpec::with_payments(300));
        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;

        world.stripe.revoke_key(&key);
        let import = start_import(world, &connection).await["import"]["id"].clone();
        let failed = receiver.wait_for_type("import.failed").await;
        let action = receiver.wait_for_type("connection.action_required").await;
        let new = world.stripe.create_key(&account, sandbox::Grants::All);
        reconnect(world, &connection, "Shop", &new).await;
        let recovered = receiver.wait_for_type("connection.recovered").await;

        assert_eq!(failed.body["data"], json!({
            "connectionId": connection, "importId": import, "status": "FAILED",
            "failureCode": "CREDENTIALS_INVALID",
        }));
        assert_eq!(action.body["data"], json!({
            "connectionId": connection, "status": "ACTION_REQUIRED", "reason": "CREDENTIALS_INVALID",
        }));
        assert_eq!(recovered.body["data"], json!({
            "connectionId": connection, "status": "ACTIVE", "reason": null,
        }));
        let actions = receiver.arrived().into_iter().filter(|one| one.body["type"] == "connection.action_required");
        assert_eq!(actions.count(), 1, "one message for one change");
    }

    #[options(inside())]
    async fn an_import_that_is_called_off_is_told_too(world: &World) {
        let receiver = Receiver::start().await;
        endpoint(world, &receiver, &["IMPORT_CANCELED"]).await;
        let (_, key) = world.account(AccountSpec::with_payments(2_000));
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(100)));
        let connection = world.connect("Shop", &key).await;

        let import = world.latest_import(&connection).await;
        cancel(world, &import["id"]).await;
        let canceled = receiver.wait_for(1).await.remove(0);

        assert_eq!(canceled.body["type"], "import.canceled");
        assert_eq!(canceled.body["data"]["importId"], import["id"]);
        assert_eq!(canceled.body["data"]["status"], "CANCELED");
    }

    #[options(inside())]
    async fn each_endpoint_is_told_what_it_wants_of_the_connections_that_it_names(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(5));
        let named = world.connect("Named", &key).await;
        world.imported(&named).await;
        let receivers = [Receiver::start().await, Receiver::start().await, Receiver::start().await];
        let of_all = endpoint(world, &receivers[0], &["CONNECTION_DISCONNECTED"]).await;
        let of_named = endpoint_with(world, json!({
            "url": receivers[1].url(), "connectionIds": [named], "eventTypes": ["CONNECTION_DISCONNECTED"],
        })).await;
        let of_imports = endpoint(world, &receivers[2], &["IMPORT_FAILED"]).await;
        let (_, key) = world.account(AccountSpec::with_payments(5).seed(2));
        let other = world.connect("Other", &key).await;
        world.imported(&other).await;

        disconnect(world, &other, false).await;
        disconnect(world, &named, false).await;
        receivers[0].wait_for(2).await;
        receivers[1].wait_for(1).await;
        a_moment().await;

        let told = |receiver: &Receiver| {
            let arrived = receiver.arrived().into_iter();
            let mut told: Vec<_> = arrived.map(|one| one.body["data"]["connectionId"].as_str().unwrap().to_owned()).collect();
            told.sort();
            told
        };
        let mut both = [named.clone(), other];
        both.sort();
        assert_eq!(told(&receivers[0]), both);
        assert_eq!(told(&receivers[1]), [named]);
        assert_eq!(receivers[2].arrived().len(), 0);
        for (endpoint, count) in [(of_all, 2), (of_named, 1), (of_imports, 0)] {
            until("all is written down", async || {
                let all = deliveries(world, &endpoint).await;
                all.len() == count && all.iter().all(|one| one["state"] == "DELIVERED")
            }).await;
        }
    }
}
