//! Many who ask at the same moment, of two workspaces: each is answered as if it had asked alone.

use futures_util::future::join_all;
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{ask::token_of, shop::Shop};

const ONE: &str =
    "query($id: ID!) { payment(id: $id) { id stripeId amount { minorUnits currency } status } }";
const OTHER_FIELDS: &str =
    "query($id: ID!) { node(id: $id) { ... on Payment { id customerId method { type } } } }";
const SEVERAL: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Payment { stripeId } } }";
const LIST: &str =
    "query($first: Int!, $filter: PaymentFilter) { payments(first: $first, filter: $filter) {
    totalCount nodes { stripeId } pageInfo { hasNextPage endCursor } } }";
const SUMS: &str =
    "query($filter: PaymentFilter) { paymentStats(filter: $filter, groupBy: [STATUS]) {
    attempts grossVolume { minorUnits } dimensions { value } } }";

/// The same questions to both workspaces.
async fn questions(world: &World) -> Vec<(&'static str, Value)> {
    let list = "{ payments(first: 60) { nodes { id } } }";
    let list = world.data(list, json!({})).await;
    let nodes = list["payments"]["nodes"].as_array().unwrap();
    let ids: Vec<&Value> = nodes.iter().map(|node| &node["id"]).collect();
    let mut asked = Vec::new();
    for (at, some) in ids.chunks(3).enumerate() {
        asked.push((ONE, json!({ "id": some[0] })));
        asked.push((OTHER_FIELDS, json!({ "id": some[1] })));
        asked.push((SEVERAL, json!({ "ids": some })));
        // Dear ones, and each the same for several.
        let filters = [json!({}), json!({ "statuses": ["FAILED"] }), Value::Null];
        for filter in filters.into_iter().filter(|_| at < 3) {
            asked.push((LIST, json!({ "first": 5, "filter": filter })));
            asked.push((LIST, json!({ "first": 6, "filter": filter })));
            asked.push((SUMS, json!({ "filter": filter })));
        }
    }
    asked
}

async fn answers(world: &World, token: &str, asked: &[(&'static str, Value)]) -> Vec<Value> {
    let asking = asked.iter().map(|(query, variables)| async {
        let answer = world.ask_as(token, query, variables.clone()).await;
        answer.body["data"].clone()
    });
    join_all(asking).await
}

on_every_backend! {
    async fn many_who_ask_at_once_are_answered_as_if_each_had_asked_alone(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(80)).await;
        world.summed_up().await;
        let asked = questions(world).await;
        let stranger = token_of(world, "elsewhere", &[]).await;
        let mut alone = Vec::new();
        for one in &asked {
            alone.extend(answers(world, &world.token, std::slice::from_ref(one)).await);
        }
        let nothing: Vec<_> = alone.iter().map(emptied).collect();

        let (own, foreign) = tokio::join!(
            answers(world, &world.token, &asked),
            answers(world, &stranger, &asked)
        );

        for (((query, variables), own), alone) in asked.iter().zip(&own).zip(&alone) {
            assert_eq!(own, alone, "{query} with {variables}");
        }
        assert_eq!(foreign, nothing);
    }
}

/// What a workspace without payments is answered instead.
fn emptied(answer: &Value) -> Value {
    let (field, value) = answer.as_object().unwrap().iter().next().unwrap();
    let empty = match field.as_str() {
        "payments" => json!({
            "totalCount": "0", "nodes": [], "pageInfo": { "hasNextPage": false, "endCursor": null },
        }),
        "paymentStats" => json!([]),
        "nodes" => json!(vec![Value::Null; value.as_array().unwrap().len()]),
        _ => Value::Null,
    };
    json!({ field: empty })
}
