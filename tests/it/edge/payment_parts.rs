//! Refunds and disputes of payments, against Stripe's objects.

use std::{cmp::Reverse, collections::BTreeMap};

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::on_every_backend;

use super::{
    ask::code,
    payment_fields::{assert_same, told},
    shop::{Shop, moment, money},
};

const PARTS: &str = "
    query($ids: [String!]) { payments(first: 50, filter: { stripeIds: $ids }) { nodes {
      id stripeId
      refunds(first: 15) {
        nodes { id stripeId amount { amount minorUnits currency } status reason failureReason createdAt payment { stripeId } }
        pageInfo { hasNextPage hasPreviousPage }
      }
      disputes {
        id stripeId amount { amount minorUnits currency } status reason networkReasonCode evidenceDueBy createdAt
        payment { stripeId }
      }
    } } }";

/// Stripe's objects under their charges.
fn by_charge(objects: BTreeMap<String, Value>) -> BTreeMap<String, BTreeMap<String, Value>> {
    let mut groups: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for (id, object) in objects {
        groups
            .entry(object["charge"].as_str().unwrap().to_owned())
            .or_default()
            .insert(id, object);
    }
    groups
}

fn amount(object: &Value) -> Value {
    money(
        object["amount"].as_i64().unwrap(),
        object["currency"].as_str().unwrap(),
    )
}

fn refund(object: &Value) -> Value {
    json!({
        "stripeId": object["id"], "amount": amount(object), "status": object["status"], "reason": object["reason"],
        "failureReason": object["failure_reason"], "createdAt": moment(&object["created"]),
        "payment": { "stripeId": object["charge"] },
    })
}

fn dispute(object: &Value) -> Value {
    let due = &object["evidence_details"]["due_by"];
    let code = &object["payment_method_details"]["card"]["network_reason_code"];
    json!({
        "stripeId": object["id"], "amount": amount(object), "status": object["status"], "reason": object["reason"],
        "networkReasonCode": code, "evidenceDueBy": if due.is_null() { Value::Null } else { moment(due) },
        "createdAt": moment(&object["created"]), "payment": { "stripeId": object["charge"] },
    })
}

/// The list is exactly these objects, newest first.
fn assert_lists(
    told: &Value,
    truth: Option<&BTreeMap<String, Value>>,
    wanted: fn(&Value) -> Value,
) {
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), truth.map_or(0, BTreeMap::len));
    for node in told {
        let id = node["stripeId"].as_str().unwrap();
        assert_same(id, node, &wanted(&truth.unwrap()[id]));
    }
    let key = |node: &Value| {
        (
            node["createdAt"].as_str().unwrap().to_owned(),
            node["id"].as_str().unwrap().to_owned(),
        )
    };
    assert!(told.iter().map(|node| Reverse(key(node))).is_sorted());
}

on_every_backend! {
    async fn refunds_and_disputes_are_stripe_s(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(1_000)).await;
        let (refunds, disputes) = (by_charge(shop.refunds()), by_charge(shop.disputes()));

        let told = told(&shop, PARTS).await;

        for (id, node) in &told {
            assert_lists(&node["refunds"]["nodes"], refunds.get(id), refund);
            assert_lists(&node["disputes"], disputes.get(id), dispute);
            assert_eq!(node["refunds"]["pageInfo"], json!({ "hasNextPage": false, "hasPreviousPage": false }));
        }
        let most = refunds.values().map(BTreeMap::len).max().unwrap();
        assert!(most > 10, "no charge with more than ten refunds is put to the test, but {most}");
        let stuck = refunds.values().flat_map(BTreeMap::values).any(|refund| refund["failure_reason"].is_string());
        assert!(stuck && disputes.len() > 3, "hardly anything is put to the test");
    }

    async fn many_refunds_are_paged(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(1_000)).await;
        let refunds = by_charge(shop.refunds());
        let (charge, truth) = refunds.iter().max_by_key(|(_, refunds)| refunds.len()).unwrap();
        let query = "query($ids: [String!], $first: Int, $after: String, $last: Int, $before: String) {
            payments(filter: { stripeIds: $ids }) { nodes { refunds(first: $first, after: $after, last: $last, before: $before) {
              nodes { stripeId } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }";
        let ask = async |arguments: Value| {
            let mut variables = arguments;
            variables["ids"] = json!([charge]);
            world.data(query, variables).await["payments"]["nodes"][0]["refunds"].take()
        };
        let ids = |page: &Value| -> Vec<Value> {
            page["nodes"].as_array().unwrap().iter().map(|node| node["stripeId"].clone()).collect()
        };

        let all = ids(&ask(json!({ "first": 100 })).await);
        let (mut forward, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = ask(json!({ "first": 4, "after": after })).await;
            forward.extend(ids(&page));
            if page["pageInfo"]["hasNextPage"] == false { break }
            after = page["pageInfo"]["endCursor"].clone();
        }
        let (mut backward, mut before) = (Vec::new(), Value::Null);
        loop {
            let page = ask(json!({ "last": 4, "before": before })).await;
            backward.splice(0..0, ids(&page));
            if page["pageInfo"]["hasPreviousPage"] == false { break }
            before = page["pageInfo"]["startCursor"].clone();
        }

        assert_eq!(all.len(), truth.len());
        assert_eq!(forward, all);
        assert_eq!(backward, all);
    }

    async fn a_cursor_of_one_payment_s_refunds_is_none_of_another_s(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let refunds = by_charge(shop.refunds());
        let charges: Vec<_> = refunds.keys().take(2).collect();
        let query = "query($id: [String!], $after: String) { payments(filter: { stripeIds: $id }) {
            nodes { refunds(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } } } }";
        let ask = async |charge: &str, after: &Value| world.graphql(query, json!({ "id": [charge], "after": after })).await;

        let first = ask(charges[0], &Value::Null).await;
        let cursor = &first["data"]["payments"]["nodes"][0]["refunds"]["pageInfo"]["endCursor"];
        let own = ask(charges[0], cursor).await;
        let other = ask(charges[1], cursor).await;

        assert_eq!(own.get("errors"), None);
        assert_eq!((code(&other), &other["data"]), ("BAD_USER_INPUT", &Value::Null));
    }
}
