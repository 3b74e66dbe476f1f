//! Paging while an import adds payments.

use std::{collections::BTreeSet, time::Duration};

use sandbox::{AccountSpec, Latency};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::shop::{found, ids, page};

const ORDERS: [(&str, &str); 4] =
    [("CREATED_AT", "DESC"), ("CREATED_AT", "ASC"), ("AMOUNT", "DESC"), ("AMOUNT", "ASC")];

/// Pages on from a cursor: so many pages at most; the ids met, and the cursor where there is more.
async fn walk(world: &World, order: &Value, from: Value, pages: usize) -> (Vec<String>, Option<Value>) {
    let (mut met, mut after) = (Vec::new(), from);
    for _ in 0..pages {
        let page = page(world, json!({ "first": 20, "after": after, "orderBy": order })).await;
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

    async fn a_walk_from_the_newest_sees_what_is_imported_meanwhile(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(400));
        let slow = Latency::fixed(Duration::from_millis(700));
        world.stripe.faults().latency_on("/v1/charges", slow);
        let connection = world.connect("Shop", &key).await;
        let newest_first = json!({ "field": "CREATED_AT", "direction": "DESC" });
        let (mut met, mut cursor) = (Vec::new(), None);
        while cursor.is_none() {
            (met, cursor) = walk(world, &newest_first, Value::Null, 2).await;
        }

        world.stripe.faults().clear();
        world.imported(&connection).await;
        let (rest, _) = walk(world, &newest_first, cursor.unwrap(), 1_000).await;
        met.extend(rest);

        let set: BTreeSet<String> = met.iter().cloned().collect();
        assert_eq!(met.len(), 400);
        assert_eq!(set, world.stripe.ledger(&account).charge_ids);
    }
}
