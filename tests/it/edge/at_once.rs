//! Many who ask at the same moment, of two workspaces: each is answered as if it had asked alone.

use futures_util::future::join_all;
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{ask::token_of, shop::Shop};
use crate::connecting::ask::until;

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
    let list = "{ payments(first: 60) { nodes { id createdAt } } }";
    let list = world.data(list, json!({})).await;
    let nodes = list["payments"]["nodes"].as_array().unwrap();
    let ids: Vec<&Value> = nodes.iter().map(|node| &node["id"]).collect();
    let mut asked = Vec::new();
    for some in ids.chunks(3) {
        asked.push((ONE, json!({ "id": some[0] })));
        asked.push((OTHER_FIELDS, json!({ "id": some[1] })));
        asked.push((SEVERAL, json!({ "ids": some })));
    }
    // Of a span that both have payments in, so that nothing but the workspace is different.
    let span = json!({ "gte": nodes[50]["createdAt"], "lt": nodes[5]["createdAt"] });
    let filters = [json!({}), json!({ "createdAt": span }), Value::Null];
    for filter in filters.iter().cycle().take(9) {
        asked.push((LIST, json!({ "first": 5, "filter": filter })));
        asked.push((LIST, json!({ "first": 6, "filter": filter })));
        asked.push((SUMS, json!({ "filter": filter })));
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

async fn one_by_one(world: &World, token: &str, asked: &[(&'static str, Value)]) -> Vec<Value> {
    let mut all = Vec::new();
    for one in asked {
        all.extend(answers(world, token, std::slice::from_ref(one)).await);
    }
    all
}

/// Gives the workspace of this token a shop too.
async fn open_shop_of(world: &World, token: &str) {
    let (_, key) = world.account(AccountSpec::with_payments(120).seed(7));
    let connect =
        "mutation($key: String!) { connectWithApiKey(input: { name: \"Shop\", apiKey: $key }) {
        connection { id } errors { message } } }";
    world.ask_as(token, connect, json!({ "key": key })).await;
    let imports = "{ connections { nodes { latestImport { status } } } }";
    until("an import that succeeded", async || {
        let answer = world.ask_as(token, imports, json!({})).await.body;
        answer["data"]["connections"]["nodes"][0]["latestImport"]["status"] == "SUCCEEDED"
    })
    .await;
    world.payouts_read().await;
    world.summed_up().await;
}

on_every_backend! {
    async fn many_who_ask_at_once_are_answered_as_if_each_had_asked_alone(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(80)).await;
        let stranger = token_of(world, "elsewhere", &[]).await;
        open_shop_of(world, &stranger).await;
        let asked = questions(world).await;
        let alone = (
            one_by_one(world, &world.token, &asked).await,
            one_by_one(world, &stranger, &asked).await,
        );

        let told = tokio::join!(
            answers(world, &world.token, &asked),
            answers(world, &stranger, &asked)
        );

        for (at, (query, variables)) in asked.iter().enumerate() {
            assert_eq!(told.0[at], alone.0[at], "{query} with {variables}");
            assert_eq!(told.1[at], alone.1[at], "{query} with {variables}");
            assert_ne!(told.0[at], told.1[at], "{query} with {variables}");
        }
    }
}
