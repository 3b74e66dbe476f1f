//! Importing again: all, a span of time or some resources; and what cannot be.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sandbox::{AccountSpec, Latency, Resource};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::{Shop, Tables, charge, payments, shop, standing, start_import};

/// Puts a charge of this second into the shop.
fn put(world: &World, shop: &Shop, id: &str, created: i64) {
    let mut object = charge(id, 100);
    object["created"] = json!(created);
    world.stripe.insert_raw(
        &shop.account,
        Resource::Charge,
        id,
        created,
        object.to_string(),
    );
}

fn at(seconds: i64) -> String {
    DateTime::<Utc>::from_timestamp(seconds, 0)
        .unwrap()
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn typename(payload: &Value) -> &str {
    payload["errors"][0]["__typename"]
        .as_str()
        .unwrap_or_default()
}

on_every_backend! {
    async fn a_span_imports_what_was_created_within_it(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        let (from, to) = (1_700_000_000, 1_710_000_000);
        let created = [from - 1, from, from + 1, to - 1, to, to + 1, from - 90_000_000];
        for second in created {
            put(world, &shop, &format!("ch_{second}"), second);
        }

        let span = json!({ "createdAt": { "gte": at(from), "lt": at(to) } });
        let payload = start_import(world, &shop.connection, span).await;
        let import = world.imported(&shop.connection).await;

        let stored = Tables::open(&world.database_url()).await.ids("payments").await;
        let within = created.into_iter().filter(|second| (from..to).contains(second));
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(stored, within.map(|second| format!("ch_{second}")).collect::<BTreeSet<_>>());
        assert_eq!(payments(&import), 3);
        assert_eq!((&import["from"], &import["to"]), (&json!("2023-11-14T22:13:20Z"), &json!("2024-03-09T16:00:00Z")));
    }

    async fn a_span_open_at_one_end_imports_to_that_end(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        let middle = 1_700_000_000;
        for second in [1_262_304_000, middle - 1, middle, middle + 50_000_000] {
            put(world, &shop, &format!("ch_{second}"), second);
        }
        let tables = Tables::open(&world.database_url()).await;

        start_import(world, &shop.connection, json!({ "createdAt": { "gte": at(middle) } })).await;
        world.imported(&shop.connection).await;
        let newer = tables.ids("payments").await;
        start_import(world, &shop.connection, json!({ "createdAt": { "lt": at(middle) } })).await;
        let older = world.imported(&shop.connection).await;

        assert_eq!(newer.into_iter().collect::<Vec<_>>(), ["ch_1700000000", "ch_1750000000"]);
        assert_eq!(payments(&older), 2, "{older:#}");
        assert_eq!(tables.count("payments").await, 4);
    }

    async fn only_the_resources_asked_for_are_imported(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(400)).await;
        let before = standing(world, &shop.connection).await;

        start_import(world, &shop.connection, json!({ "resources": ["DISPUTES", "REFUNDS", "DISPUTES"] })).await;
        let import = world.imported(&shop.connection).await;

        let tables = Tables::open(&world.database_url()).await;
        let ledger = world.stripe.ledger(&shop.account);
        let resources = import["progress"]["resources"].as_array().unwrap();
        let names: Vec<_> = resources.iter().map(|resource| &resource["resource"]).collect();
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(names, ["REFUNDS", "DISPUTES"]);
        assert_eq!(tables.ids("refunds").await, ledger.refund_ids);
        assert_eq!(tables.ids("disputes").await, ledger.dispute_ids);
        assert_eq!(tables.count("payments").await, 0);
        let others = tables.ids("stripe_objects").await;
        assert_eq!(others.into_iter().collect::<Vec<_>>(), ["balance", "balance.summary.1"], "only the first import's");
        let after = standing(world, &shop.connection).await;
        assert_eq!(after["syncedThrough"], before["syncedThrough"], "not everything was imported");
    }

    async fn spans_that_hold_nothing_are_refused(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        let later = (world.server.app.gateway.clock().now() + TimeDelta::days(1)).to_rfc3339();
        let spans = [
            json!({ "gte": at(1_700_000_000), "lt": at(1_700_000_000) }),
            json!({ "gte": at(1_700_000_001), "lt": at(1_700_000_000) }),
            json!({ "gte": later }),
            json!({ "lt": "1969-12-31T23:59:59Z" }),
        ];
        for span in spans {
            let payload = start_import(world, &shop.connection, json!({ "createdAt": span })).await;

            assert_eq!(payload["import"], json!(null), "{span}");
            assert_eq!(typename(&payload), "InvalidInputError", "{span}");
            assert_eq!(payload["errors"][0]["path"], json!(["input", "createdAt"]), "{span}");
        }
        let imports = Tables::open(&world.database_url()).await.count("imports").await;
        assert_eq!(imports, 1, "only the first import of all");
    }

    async fn resources_that_cannot_be_imported_are_refused_with_the_reason(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        let start = "mutation ($id: ID!, $resources: [StripeResource!]) {
            startImport(input: { connectionId: $id, resources: $resources }) { import { id } }
        }";

        let none = start_import(world, &shop.connection, json!({ "resources": [] })).await;
        let variables = json!({ "id": shop.connection, "resources": ["UNICORNS"] });
        let unknown = world.graphql(start, variables).await;

        assert_eq!(typename(&none), "InvalidInputError");
        assert_eq!(none["errors"][0]["path"], json!(["input", "resources"]));
        assert!(unknown["errors"][0]["extensions"]["code"].is_string(), "{unknown:#}");
        let imports = Tables::open(&world.database_url()).await.count("imports").await;
        assert_eq!(imports, 1, "only the first import of all");
    }

    async fn one_import_of_a_connection_runs_at_a_time(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(1_000)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(40)));

        let at_once = (0..8).map(|_| start_import(world, &shop.connection, json!({})));
        let payloads = futures_util::future::join_all(at_once).await;
        world.imported(&shop.connection).await;

        let (started, refused): (Vec<_>, Vec<_>) =
            payloads.iter().partition(|payload| payload["errors"] == json!([]));
        assert_eq!((started.len(), refused.len()), (1, 7));
        for payload in refused {
            assert_eq!(typename(payload), "ImportInProgressError");
            assert_eq!(payload["errors"][0]["import"]["id"], started[0]["import"]["id"]);
        }
        assert_eq!(Tables::open(&world.database_url()).await.count("imports").await, 2);
    }

    async fn an_unknown_connection_is_not_found(world: &World) {
        for id in ["con_00000000000000000000000000000000", "imp_00000000000000000000000000000000", "", "con_"] {
            let payload = start_import(world, id, json!({})).await;

            assert_eq!(payload["import"], json!(null), "{id:?}");
            assert_eq!(typename(&payload), "NotFoundError", "{id:?}");
        }
    }

    async fn the_log_of_imports_pages_from_the_newest_on(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(20)).await;
        for _ in 0..4 {
            start_import(world, &shop.connection, json!({})).await;
            world.imported(&shop.connection).await;
        }
        let mut variables = json!({ "id": shop.connection, "after": null });

        let mut pages = Vec::new();
        loop {
            let mut data = world.data(LOG, variables.clone()).await;
            let page = data["connection"]["imports"].take();
            variables["after"] = page["pageInfo"]["endCursor"].clone();
            let last = page["pageInfo"]["hasNextPage"] == false;
            pages.push(page);
            if last {
                break;
            }
        }

        let nodes: Vec<_> = pages.iter().flat_map(|page| page["nodes"].as_array().unwrap()).collect();
        let times: Vec<_> = nodes.iter().map(|node| node["queuedAt"].as_str().unwrap()).collect();
        let triggers: Vec<_> = nodes.iter().map(|node| &node["trigger"]).collect();
        assert_eq!(pages.iter().map(|page| page["nodes"].as_array().unwrap().len()).collect::<Vec<_>>(), [2, 2, 1]);
        assert!(times.is_sorted_by(|newer, older| newer > older), "{times:?}");
        assert_eq!(triggers, ["REQUESTED", "REQUESTED", "REQUESTED", "REQUESTED", "CONNECTED"]);
        assert!(nodes.iter().all(|node| node["status"] == "SUCCEEDED"));
        let counts: Vec<_> = nodes.iter().map(|node| &node["progress"]["importedPayments"]).collect();
        assert_eq!(counts, ["20", "20", "20", "20", "0"]);
    }
}

const LOG: &str = "
    query Log($id: ID!, $after: String) {
      connection(id: $id) {
        imports(first: 2, after: $after) {
          nodes { id trigger status queuedAt progress { importedPayments } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }";
