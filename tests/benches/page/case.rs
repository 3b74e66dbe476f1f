//! What is asked, of the gateway and of the bare handler.

use std::slice::from_ref;

use api::ids::{PaymentId, node_id};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tests::World;

use crate::{
    bare::{self, Position},
    load::Request,
    shop::Shop,
};

/// Payments of a page.
const PAGE: u64 = 50;

/// The page far back in the list, where there are as many.
const DEEP: u64 = 10_000;

/// Different single payments that are asked for, and different pages at most.
const DIFFERENT: usize = 1_000;

/// The thirteen fields of a payment, as a table of payments shows them.
const FIELDS: &str =
    "id stripeId paymentIntentId status livemode createdAt amount { minorUnits currency }
    fee { minorUnits } method { type card { brand issuer } } outcome { declineCode }";

/// The same question to both, in as many variants as there are requests.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) gateway: Vec<Request>,
    pub(crate) bare: Vec<Request>,
}

impl Case {
    /// All cases, over so many payments.
    pub(crate) async fn all(world: &World, shop: Shop, payments: i64) -> Vec<Self> {
        let places = places(world, shop, payments).await;
        let (deep, of_deep) = places.last().expect("a page");
        let (cursors, positions): (Vec<_>, Vec<_>) =
            places.iter().rev().take(DIFFERENT).cloned().unzip();
        let ids = some_payments(shop, payments);
        let named = |name, field: &str| {
            let query = format!("query Payment($id: ID!) {{ payment: {field} }}");
            let ask = |id| ask(world, &query, &json!({ "id": node_id(id) }));
            Self {
                name,
                gateway: ids.iter().copied().map(ask).collect(),
                bare: ids.iter().map(|id| get(&bare::one(id.0))).collect(),
            }
        };
        let node = format!("node(id: $id) {{ ... on Payment {{ {FIELDS} }} }}");
        vec![
            pages(world, "page 1", &[Value::Null], &[None]),
            pages(world, "page 10,000", from_ref(deep), from_ref(of_deep)),
            pages(world, "different pages", &cursors, &positions),
            named("payment", &format!("payment(id: $id) {{ {FIELDS} }}")),
            named("node", &node),
        ]
    }
}

fn pages(
    world: &World,
    name: &'static str,
    cursors: &[Value],
    positions: &[Option<Position>],
) -> Case {
    let query = format!(
        "query Payments($first: Int!, $after: String) {{ payments(first: $first, after: $after) {{
           nodes {{ {FIELDS} }} pageInfo {{ hasNextPage }} }} }}"
    );
    let ask = |after| ask(world, &query, &json!({ "first": PAGE, "after": after }));
    Case {
        name,
        gateway: cursors.iter().map(ask).collect(),
        bare: positions.iter().map(|at| get(&bare::page(*at))).collect(),
    }
}

/// Where pages begin, down to the deep one, found as a client finds it: the cursor, and what it means.
async fn places(world: &World, shop: Shop, payments: i64) -> Vec<(Value, Option<Position>)> {
    let query = "query($first: Int!, $after: String) { payments(first: $first, after: $after) {
        nodes { stripeId createdAt } pageInfo { endCursor } } }";
    let mut left = (DEEP.min(payments.unsigned_abs() / PAGE) - 1) * PAGE;
    let (mut after, mut places) = (Value::Null, Vec::new());
    while left > 0 {
        let first = left.min(100);
        let variables = json!({ "first": first, "after": after });
        let mut page = world.data(query, variables).await["payments"].take();
        after = page["pageInfo"]["endCursor"].take();
        let last = page["nodes"].as_array().and_then(|nodes| nodes.last());
        let text = |field: &str| last.and_then(|node| node[field].as_str()).expect("a text");
        let at = text("createdAt").parse().expect("a time");
        let id = PaymentId::of(shop.connection, text("stripeId"));
        places.push((after.clone(), Some((at, id.0))));
        left -= first;
    }
    places
}

fn some_payments(shop: Shop, payments: i64) -> Vec<PaymentId> {
    let mut dice = StdRng::seed_from_u64(2);
    let id = |number| PaymentId::of(shop.connection, &format!("ch_{number:010}"));
    let one = |_| id(dice.random_range(0..payments));
    (0..DIFFERENT).map(one).collect()
}

fn ask(world: &World, query: &str, variables: &Value) -> Request {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let (token, length) = (&world.token, body.len());
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: inlet\r\nauthorization: Bearer {token}\r\naccept: application/json\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    Request::from(head + &body)
}

fn get(path: &str) -> Request {
    Request::from(format!(
        "GET {path} HTTP/1.1\r\nhost: inlet\r\naccept: application/json\r\n\r\n"
    ))
}
