//! Who gets a file: whoever has a link that is good, and nobody else.

use chrono::TimeDelta;
use reqwest::Method;
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::{cancel, export, fetch, ordered, ready};
use crate::edge::{Shop, token_of};

async fn status(world: &World, url: &str) -> (u16, String) {
    let file = fetch(world, Method::GET, url, None).await;
    assert_eq!(file.header("cache-control"), "private, no-store");
    if file.status == 200 {
        return (200, String::new());
    }
    let body: Value = serde_json::from_slice(&file.bytes).unwrap();
    (
        file.status,
        body["error"]["code"].as_str().unwrap().to_owned(),
    )
}

fn forbidden() -> (u16, String) {
    (403, "FORBIDDEN".to_owned())
}

fn gone() -> (u16, String) {
    (410, "GONE".to_owned())
}

on_every_backend! {
    async fn a_link_that_was_changed_is_refused(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(20)).await;
        let (one, two) = (ordered(world, json!({ "format": "CSV" })).await, ordered(world, json!({ "format": "CSV" })).await);
        let url = ready(world, &one).await["downloadUrl"].as_str().unwrap().to_owned();
        ready(world, &two).await;
        let (base, query) = url.split_once('?').unwrap();
        let (expires, signature) = query.split_once("&signature=").unwrap();
        let expires = expires.strip_prefix("expires=").unwrap();
        let later = (expires.parse::<i64>().unwrap() + 1).to_string();
        let mut flipped = signature.to_owned();
        flipped.replace_range(..1, if signature.starts_with('A') { "B" } else { "A" });

        for wrong in [
            base.to_owned(),
            format!("{base}?expires={expires}"),
            format!("{base}?signature={signature}"),
            format!("{base}?expires={later}&signature={signature}"),
            format!("{base}?expires=0{expires}&signature={signature}"),
            format!("{base}?expires=%2B{expires}&signature={signature}"),
            format!("{base}?expires={expires}&signature={flipped}"),
            format!("{base}?expires={expires}&signature={}", &signature[1..]),
            format!("{base}?expires={expires}&signature={signature}A"),
            format!("{base}?expires={expires}&signature="),
            format!("{base}?expires={expires}&signature={}", "A".repeat(5_000)),
            format!("{base}?expires={expires}&expires={later}&signature={signature}"),
            url.replace(&one, &two),
            url.replace(&one, &one.to_uppercase()),
            url.replace(&one, "exp_00000000000000000000000000000000"),
            url.replace(&one, "x"),
        ] {
            assert_eq!(status(world, &wrong).await, forbidden(), "{wrong}");
        }
        assert_eq!(status(world, &url).await.0, 200);
        // What others put behind it changes nothing.
        assert_eq!(status(world, &format!("{url}&utm_source=x")).await.0, 200);
    }

    async fn a_link_is_good_for_some_minutes_and_made_anew_each_time(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(20)).await;
        let id = ordered(world, json!({ "format": "JSONL" })).await;
        let first = ready(world, &id).await["downloadUrl"].as_str().unwrap().to_owned();

        world.clock.advance(TimeDelta::minutes(14));
        let early = status(world, &first).await;
        let second = export(world, &id).await["downloadUrl"].as_str().unwrap().to_owned();
        world.clock.advance(TimeDelta::minutes(2));

        assert_eq!(early.0, 200);
        assert_ne!(first, second);
        assert_eq!(status(world, &first).await, gone());
        assert_eq!(status(world, &second).await.0, 200);
    }

    async fn without_a_file_there_is_no_link(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(20)).await;
        let id = ordered(world, json!({ "format": "JSONL" })).await;
        let url = ready(world, &id).await["downloadUrl"].as_str().unwrap().to_owned();

        let canceled = cancel(world, &id).await;

        assert_eq!(canceled["export"]["status"], "CANCELED");
        assert_eq!(canceled["export"]["downloadUrl"], Value::Null);
        assert_eq!(status(world, &url).await, gone());
    }

    async fn another_workspace_sees_no_export(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(20)).await;
        let id = ordered(world, json!({ "format": "JSONL" })).await;
        ready(world, &id).await;
        let stranger = token_of(world, "elsewhere", &[]).await;
        let ask = async |query: &str| world.ask_as(&stranger, query, json!({ "id": id })).await.body["data"].take();

        assert_eq!(ask("query($id: ID!) { node(id: $id) { id } }").await, json!({ "node": null }));
        assert_eq!(ask("{ exports(first: 10) { nodes { id } } }").await, json!({ "exports": { "nodes": [] } }));
        let canceled = ask("mutation($id: ID!) { cancelExport(input: { exportId: $id }) { export { id } errors { __typename } } }").await;
        assert_eq!(canceled["cancelExport"], json!({ "export": null, "errors": [{ "__typename": "NotFoundError" }] }));
        assert_eq!(export(world, &id).await["status"], "READY");
        let exported = ask("mutation { exportPayments(input: { format: CSV }) { export { id } } }").await;
        let theirs = exported["exportPayments"]["export"]["id"].as_str().unwrap().to_owned();
        let rows = async || ask("{ exports { nodes { id status rows } } }").await["exports"]["nodes"].take();
        while rows().await[0]["status"] != "READY" {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(rows().await, json!([{ "id": theirs, "status": "READY", "rows": "0" }]));
    }
}
