//! Letting go of an account.

use std::time::Duration;

use sandbox::{AccountSpec, Latency};
use serde_json::json;
use tests::{on_every_backend, totals};

use super::{
    ask::{connection, disconnect, only_error, reconnect, start_import, until},
    database::count,
};

const WITHOUT_CREDENTIALS: &str = "connections WHERE credential_sealed IS NULL";

on_every_backend! {
    async fn the_credentials_go_and_the_data_stays(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(120));
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;
        let before = totals(world, &id).await;
        let kept = count(world, WITHOUT_CREDENTIALS).await;

        let payload = disconnect(world, &id, false).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["id"], id);
        assert_eq!(payload["connection"]["status"], "DISCONNECTED");
        assert_eq!(payload["connection"]["statusReason"], "DISCONNECTED_BY_USER");
        let words = payload["connection"]["statusMessage"].as_str().unwrap();
        assert!(words.contains("Connect again"), "{words}");
        assert_eq!((kept, count(world, WITHOUT_CREDENTIALS).await), (0, 1));
        assert_eq!(totals(world, &id).await, before);
        assert_eq!(before.1.len(), 120);
        let started = start_import(world, &id).await;
        assert_eq!(started["import"], json!(null));
        assert_eq!(started["errors"][0]["__typename"], "InvalidInputError");
    }

    async fn the_import_under_way_is_called_off(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(300));
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(1)));
        world.stripe.faults().latency_on("/v1/charges", Latency::fixed(Duration::from_millis(300)));
        let id = world.connect("Shop", &key).await;
        until("the import runs", async || world.latest_import(&id).await["status"] == "RUNNING").await;

        let payload = disconnect(world, &id, false).await;
        let import = world.latest_import(&id).await;
        world.stripe.faults().clear();

        assert_eq!(payload["connection"]["status"], "DISCONNECTED");
        assert_eq!(payload["connection"]["latestImport"]["status"], "CANCELED");
        assert_eq!((&import["status"], &import["progress"]["status"]), (&json!("CANCELED"), &json!("CANCELED")));
        assert!(import["finishedAt"].is_string());
        assert_eq!(count(world, "import_windows WHERE state IN ('pending', 'running')").await, 0);
    }

    async fn disconnecting_twice_is_fine(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(5));
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;

        let once = disconnect(world, &id, false).await;
        let twice = disconnect(world, &id, false).await;

        assert_eq!(twice, once);
        assert_eq!(twice["errors"], json!([]));
        assert_eq!(connection(world, &id).await["status"], "DISCONNECTED");
    }

    async fn a_disconnected_account_still_has_its_connection(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(5));
        let id = world.connect("Shop", &key).await;
        disconnect(world, &id, false).await;

        let payload = world.try_connect("Another name", &key).await;

        let error = only_error(&payload);
        assert_eq!(error["__typename"], "AccountAlreadyConnectedError");
        assert_eq!(error["connection"]["id"], id);
    }

    async fn a_disconnected_connection_can_be_connected_again(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(120));
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;
        let before = totals(world, &id).await;
        disconnect(world, &id, false).await;
        let new = world.stripe.create_key(&account, sandbox::Grants::All);

        let payload = reconnect(world, &id, "Shop", &new).await;
        let import = world.imported(&id).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["id"], id);
        assert_eq!(payload["connection"]["status"], "ACTIVE");
        assert_eq!(payload["connection"]["statusReason"], json!(null));
        assert_eq!(import["status"], "SUCCEEDED");
        assert_eq!(totals(world, &id).await, before);
    }
}
