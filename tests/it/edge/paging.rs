//! Every way through the list of payments meets every payment once, in order.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::{AccountSpec, History};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::shop::{Shop, decimals, ids, nodes, page};

const ORDERS: [(&str, &str); 4] = [
    ("CREATED_AT", "DESC"),
    ("CREATED_AT", "ASC"),
    ("AMOUNT", "DESC"),
    ("AMOUNT", "ASC"),
];

/// All nodes of the list, page after page from the front, or page before page from the end.
async fn walk(world: &World, order: (&str, &str), size: usize, backward: bool) -> Vec<Value> {
    let order = json!({ "field": order.0, "direction": order.1 });
    let (count, cursor, more, edge) = if backward {
        ("last", "before", "hasPreviousPage", "startCursor")
    } else {
        ("first", "after", "hasNextPage", "endCursor")
    };
    let (mut met, mut at) = (Vec::new(), Value::Null);
    loop {
        let page = page(world, json!({ count: size, cursor: at, "orderBy": order })).await;
        if backward {
            met.splice(0..0, nodes(&page));
        } else {
            met.extend(nodes(&page));
        }
        if page["pageInfo"][more] == false {
            return met;
        }
        assert_eq!(nodes(&page).len(), size, "a page in the middle is full");
        at = page["pageInfo"][edge].clone();
    }
}

/// What a node is ordered by: Stripe's value, then the API's id.
fn key(charges: &BTreeMap<String, Value>, field: &str, node: &Value) -> (i64, String) {
    let charge = &charges[node["stripeId"].as_str().unwrap()];
    let value = if field == "CREATED_AT" {
        charge["created"].as_i64().unwrap()
    } else {
        let digits = decimals(charge["currency"].as_str().unwrap());
        charge["amount"].as_i64().unwrap() * 10_i64.pow(3 - digits)
    };
    (value, node["id"].as_str().unwrap().to_owned())
}

/// The list is exactly the charges, each once, strictly in order.
fn assert_is_all(charges: &BTreeMap<String, Value>, order: (&str, &str), met: &[Value]) {
    let set: BTreeSet<_> = met
        .iter()
        .map(|node| node["stripeId"].as_str().unwrap())
        .collect();
    assert_eq!(met.len(), charges.len(), "{order:?}");
    assert!(
        set.into_iter().eq(charges.keys().map(String::as_str)),
        "{order:?}"
    );
    let keys: Vec<_> = met.iter().map(|node| key(charges, order.0, node)).collect();
    let in_order = |pair: &[(i64, String)]| (pair[0] < pair[1]) == (order.1 == "ASC");
    assert!(keys.windows(2).all(in_order), "{order:?}");
}

on_every_backend! {
    async fn every_walk_visits_every_payment_once_in_order(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let charges = shop.charges();

        for order in ORDERS {
            let forward = walk(world, order, 47, false).await;
            let backward = walk(world, order, 47, true).await;

            assert_is_all(&charges, order, &forward);
            assert_eq!(forward, backward, "{order:?}");
        }
    }

    async fn payments_of_one_second_are_not_mixed_up(world: &World) {
        let spec = AccountSpec::with_payments(130).shape(History::OneSecond);
        let shop = Shop::open(world, "Shop", spec).await;
        let charges = shop.charges();
        let seconds: BTreeSet<_> = charges.values().map(|charge| charge["created"].as_i64()).collect();

        for order in ORDERS {
            assert_is_all(&charges, order, &walk(world, order, 7, false).await);
            assert_is_all(&charges, order, &walk(world, order, 7, true).await);
        }
        assert_eq!(seconds.len(), 1, "this test is about payments of one second");
    }

    async fn a_connection_s_own_list_is_walked_too(world: &World) {
        let ours = Shop::open(world, "Ours", AccountSpec::with_payments(90)).await;
        let _other = Shop::open(world, "Other", AccountSpec::with_payments(60).seed(2)).await;
        let query = "query($id: ID!, $after: String) { connection(id: $id) {
            payments(first: 20, after: $after) { nodes { stripeId } totalCount pageInfo { hasNextPage endCursor } } } }";

        let (mut met, mut after) = (Vec::new(), Value::Null);
        loop {
            let mut data = world.data(query, json!({ "id": ours.connection, "after": after })).await;
            let page = data["connection"]["payments"].take();
            met.extend(ids(&page));
            assert_eq!(page["totalCount"], "90");
            if page["pageInfo"]["hasNextPage"] == false { break }
            after = page["pageInfo"]["endCursor"].clone();
        }

        let set: BTreeSet<String> = met.iter().cloned().collect();
        assert_eq!(met.len(), 90);
        assert!(set.iter().eq(ours.charges().keys()));
    }
}
