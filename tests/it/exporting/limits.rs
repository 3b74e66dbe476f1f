//! How much may be exported at once, and what cannot be.

use api::app::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{World, WorldOptions, on_every_backend};

use super::support::{cancel, export, order, ordered, ready};

/// Nobody writes what is asked for.
fn without_a_worker() -> WorldOptions {
    WorldOptions {
        role: Some(Role::Api),
        ..WorldOptions::default()
    }
}

fn few_files() -> WorldOptions {
    WorldOptions {
        variables: vec![("INLET_EXPORT__KEPT_PER_WORKSPACE", "2".to_owned())],
        ..WorldOptions::default()
    }
}

fn limited(payload: &Value, limit: i64) {
    assert_eq!(payload["export"], Value::Null);
    let error = &payload["errors"][0];
    assert_eq!(error["__typename"], "LimitReachedError", "{payload:#}");
    assert_eq!(error["limit"], limit);
    assert!(
        error["message"].as_str().unwrap().contains("cancel one"),
        "{error}"
    );
}

async fn listed(world: &World, query: &str) -> Vec<Value> {
    let data = world.data(query, json!({})).await;
    data["exports"]["nodes"].as_array().unwrap().clone()
}

on_every_backend! {
    #[options(without_a_worker())]
    async fn as_many_are_under_way_as_may_be(world: &World) {
        let payloads = join_all((0..8).map(|_| order(world, json!({ "format": "CSV" })))).await;

        let (made, refused): (Vec<_>, Vec<_>) = payloads.iter().partition(|payload| payload["errors"] == json!([]));
        assert_eq!(made.len(), 2);
        for payload in refused {
            limited(payload, 2);
        }
        cancel(world, made[0]["export"]["id"].as_str().unwrap()).await;
        ordered(world, json!({ "format": "CSV" })).await;
        limited(&order(world, json!({ "format": "CSV" })).await, 2);
    }

    #[options(few_files())]
    async fn as_many_files_are_kept_as_may_be(world: &World) {
        let mut made = Vec::new();
        for _ in 0..2 {
            let id = ordered(world, json!({ "format": "CSV" })).await;
            ready(world, &id).await;
            made.push(id);
        }

        limited(&order(world, json!({ "format": "CSV" })).await, 2);
        cancel(world, &made[0]).await;

        ordered(world, json!({ "format": "CSV" })).await;
        assert_eq!(export(world, &made[1]).await["status"], "READY");
    }

    #[options(without_a_worker())]
    async fn a_filter_that_makes_no_sense_is_refused_at_once(world: &World) {
        let filter = json!({ "createdAt": { "gte": "2026-01-02T00:00:00Z", "lt": "2026-01-01T00:00:00Z" } });

        let payload = order(world, json!({ "format": "CSV", "filter": filter })).await;

        assert_eq!(payload["export"], Value::Null);
        assert_eq!(payload["errors"][0]["__typename"], "InvalidInputError");
        assert_eq!(payload["errors"][0]["path"], json!(["input", "filter"]));
        assert!(payload["errors"][0]["message"].as_str().unwrap().contains("createdAt"));
        assert!(listed(world, "{ exports { nodes { id } } }").await.is_empty());
    }

    #[options(without_a_worker())]
    async fn exports_are_listed_newest_first(world: &World) {
        let one = ordered(world, json!({ "format": "CSV" })).await;
        world.clock.advance(chrono::TimeDelta::seconds(1));
        let two = ordered(world, json!({ "format": "JSONL" })).await;

        let all = listed(world, "{ exports { nodes { id format } } }").await;
        let last = listed(world, "{ exports(last: 1) { nodes { id } pageInfo { hasPreviousPage } } }").await;

        assert_eq!(all, [json!({ "id": two, "format": "JSONL" }), json!({ "id": one, "format": "CSV" })]);
        assert_eq!(last, [json!({ "id": one })]);
    }

    #[options(without_a_worker())]
    async fn an_idempotency_key_stands_for_one_export(world: &World) {
        let query = "mutation { exportPayments(input: { format: CSV }) @idempotent(key: \"k\") { export { id } errors { message } } }";

        let first = world.data(query, json!({})).await;
        let again = world.data(query, json!({})).await;

        assert_eq!(first, again);
        assert_ne!(first["exportPayments"]["export"]["id"], Value::Null);
        assert_eq!(listed(world, "{ exports { nodes { id } } }").await.len(), 1);
    }
}
