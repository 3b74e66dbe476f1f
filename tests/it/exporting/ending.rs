//! How exports end, and that nothing of them is left.

use chrono::TimeDelta;
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{Tables, World, on_every_backend};

use super::support::{cancel, ended, export, ordered, ready};
use crate::edge::Shop;

async fn count(world: &World, table: &str) -> usize {
    let tables = Tables::open(&world.database_url()).await;
    let count = tables.count(table).await;
    tables.close().await;
    count
}

/// Clears away what is over, which the gateway does by itself every few seconds.
async fn clear(world: &World) {
    world.server.app.gateway.clear_exports().await.unwrap();
}

on_every_backend! {
    async fn a_file_is_kept_for_its_time(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(1_100)).await;
        let id = ordered(world, json!({ "format": "CSV" })).await;
        let before = ready(world, &id).await;

        world.clock.advance(TimeDelta::hours(23));
        let late = export(world, &id).await;
        world.clock.advance(TimeDelta::hours(2));
        let over = export(world, &id).await;
        clear(world).await;
        let cleared = export(world, &id).await;

        let moment = |field: &str| before[field].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert_eq!(moment("expiresAt") - moment("finishedAt"), TimeDelta::hours(24));
        assert_eq!(late["status"], "READY");
        for after in [&over, &cleared] {
            assert_eq!((&after["status"], &after["downloadUrl"]), (&json!("EXPIRED"), &Value::Null));
            assert_eq!(after["rows"], "1100");
        }
        assert_eq!(count(world, "payment_export_chunks").await, 0);
    }

    async fn an_old_export_is_forgotten_and_a_kept_one_is_not(world: &World) {
        let id = ordered(world, json!({ "format": "CSV" })).await;
        ready(world, &id).await;

        world.clock.advance(TimeDelta::days(29));
        clear(world).await;
        let listed = export(world, &id).await;
        let new = ordered(world, json!({ "format": "CSV" })).await;
        ready(world, &new).await;
        world.clock.advance(TimeDelta::days(2));
        clear(world).await;

        assert_eq!(listed["status"], "EXPIRED");
        assert_eq!(export(world, &id).await, Value::Null);
        assert_eq!(export(world, &new).await["status"], "EXPIRED");
    }

    async fn a_canceled_export_leaves_nothing(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(1_100)).await;
        let id = ordered(world, json!({ "format": "CSV" })).await;
        ready(world, &id).await;

        let canceled = cancel(world, &id).await;
        let again = cancel(world, &id).await;
        clear(world).await;

        assert_eq!(canceled["errors"], json!([]));
        assert_eq!(canceled["export"]["status"], "CANCELED");
        assert_eq!(again, canceled);
        assert_eq!(count(world, "payment_export_chunks").await, 0);
    }

    async fn with_the_data_of_a_connection_go_the_files_it_may_be_in(world: &World) {
        let ours = Shop::open(world, "Ours", AccountSpec::with_payments(60)).await;
        let other = Shop::open(world, "Other", AccountSpec::with_payments(60).seed(9)).await;
        let of = |shop: &Shop<'_>| json!({ "format": "JSONL", "filter": { "connectionIds": [shop.connection] } });
        let everything = ordered(world, json!({ "format": "JSONL" })).await;
        ready(world, &everything).await;
        let own = ordered(world, of(&ours)).await;
        ready(world, &own).await;
        let others = ordered(world, of(&other)).await;
        ready(world, &others).await;

        let disconnect = "mutation($id: ID!) { disconnect(input: { connectionId: $id, deleteData: true }) { errors { message } } }";
        world.data(disconnect, json!({ "id": ours.connection })).await;
        while export(world, &everything).await["status"] == "READY" || export(world, &own).await["status"] == "READY" {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }

        assert_eq!(ended(world, &everything).await["status"], "CANCELED");
        assert_eq!(ended(world, &own).await["status"], "CANCELED");
        assert_eq!(ended(world, &others).await["status"], "READY");
    }

    async fn a_connection_that_goes_without_its_data_takes_no_file(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(20)).await;
        let id = ordered(world, json!({ "format": "JSONL" })).await;
        ready(world, &id).await;

        let disconnect = "mutation($id: ID!) { disconnect(input: { connectionId: $id }) { errors { message } } }";
        world.data(disconnect, json!({ "id": shop.connection })).await;

        assert_eq!(export(world, &id).await["status"], "READY");
    }
}
