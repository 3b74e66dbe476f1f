//! Paging while an import adds payments.

use std::{collections::BTreeSet, time::Duration};

use sandbox::{AccountSpec, Latency, Resource};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::shop::{found, ids, page};

const ORDERS: [(&str, &str); 4] = [
    ("CREATED_AT", "DESC"),
    ("CREATED_AT", "ASC"),
    ("AMOUNT", "DESC"),
    ("AMOUNT", "ASC"),
];

/// Pages on from a cursor: so many pages at most; the ids met, and the cursor where there is more.
async fn walk(
    world: &World,
    order: &Value,
    from: Value,
    pages: usize,
) -> (Vec<String>, Option<Value>) {
    let (mut met, mut after) = (Vec::new(), from);
    for _ in 0..pages {
        let page = page(
            world,
            json!({ "first": 20, "after": after, "orderBy": order }),
        )
        .await;
        met.extend(ids(&page));
        if page["pageInfo"]["hasNextPage"] == false {
            return (met, None);
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    (met, Some(after))
}

on_every_backend! {
    async fn pages_during_an_import_repeat_and_skip_nothing(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(900));
        let slow = Latency::fixed(Duration::from_millis(700));
        world.stripe.faults().latency_on("/v1/charges", slow);
        let connection = world.connect("Shop", &key).await;
        while found(world, &json!({})).await.1 < 150 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        // Half of each walk while there is little, the rest when all is there.
        let (there, _) = found(world, &json!({})).await;
        let mut halves = Vec::new();
        for (field, direction) in ORDERS {
            let order = json!({ "field": field, "direction": direction });
            let (met, cursor) = walk(world, &order, Value::Null, 4).await;
            halves.push((order, met, cursor.expect("more to come")));
        }
        world.stripe.faults().clear();
        assert_eq!(world.imported(&connection).await["status"], "SUCCEEDED");
        let ledger = world.stripe.ledger(&account).charge_ids;
        assert!(there.len() < ledger.len(), "the import was over before the walks began");

        for (order, mut met, cursor) in halves {
            let (rest, end) = walk(world, &order, cursor, 1_000).await;
            met.extend(rest);
            let set: BTreeSet<String> = met.iter().cloned().collect();

            assert_eq!(end, None);
            assert_eq!(set.len(), met.len(), "{order}: a payment came twice");
            assert!(there.is_subset(&set), "{order}: a payment was skipped");
            assert!(set.is_subset(&ledger), "{order}");
        }
    }

    async fn what_is_said_to_be_covered_is_there(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(2_400));
        let slow = Latency::fixed(Duration::from_millis(200));
        world.stripe.faults().latency_on("/v1/charges", slow);
        let connection = world.connect("Shop", &key).await;
        let created: Vec<(String, i64)> = world.stripe.ledger(&account).charge_ids.into_iter().map(|id| {
            let charge = world.stripe.object(&account, Resource::Charge, &id).unwrap();
            (id, charge["created"].as_i64().unwrap())
        }).collect();

        let mut partial = 0;
        loop {
            let import = world.latest_import(&connection).await;
            if import["status"] == "SUCCEEDED" { break }
            let Some(since) = import["progress"]["coveredSince"].as_str() else { continue };
            let (met, _) = found(world, &json!({ "createdAt": { "gte": since } })).await;

            let from = chrono::DateTime::parse_from_rfc3339(since).unwrap().timestamp();
            let missing: Vec<_> = created.iter().filter(|(id, at)| *at >= from && !met.contains(id)).collect();
            assert!(missing.is_empty(), "since {since}: {missing:?}");
            partial += usize::from(!met.is_empty() && met.len() < created.len());
        }
        assert!(partial > 0, "no import was seen half-way");
    }
}
