//! What is asked, of the gateway and of the bare handler.

use api::ids::{PaymentId, node_id};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tests::World;

use crate::{bare, load::Request, shop::Shop};

/// Payments of a page.
const PAGE: u64 = 50;

/// The page far back in the list, where there are as many.
const DEEP: u64 = 10_000;

/// Different single payments that are asked for.
const SINGLES: usize = 1_000;

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
        let before = deep(payments);
        let after = cursor_before(world, before).await;
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
            page(world, "page 1", None, &bare::page(0)),
            page(world, "page 10,000", Some(&after), &bare::page(before)),
            named("payment", &format!("payment(id: $id) {{ {FIELDS} }}")),
            named("node", &node),
        ]
    }
}

/// How many payments come before the deep page.
pub(crate) fn deep(payments: i64) -> u64 {
    (DEEP.min(payments.unsigned_abs() / PAGE) - 1) * PAGE
}

fn page(world: &World, name: &'static str, after: Option<&str>, path: &str) -> Case {
    let query = format!(
        "query Payments($first: Int!, $after: String) {{ payments(first: $first, after: $after) {{
           nodes {{ {FIELDS} }} pageInfo {{ hasNextPage }} }} }}"
    );
    let variables = json!({ "first": PAGE, "after": after });
    Case {
        name,
        gateway: vec![ask(world, &query, &variables)],
        bare: vec![get(path)],
    }
}

/// The cursor of the entry that has so many entries before it and itself, found as a client finds it.
async fn cursor_before(world: &World, entries: u64) -> String {
    let query = "query($first: Int!, $after: String) {
        payments(first: $first, after: $after) { pageInfo { endCursor } } }";
    let (mut left, mut after) = (entries, Value::Null);
    while left > 0 {
        let first = left.min(100);
        let variables = json!({ "first": first, "after": after });
        after = world.data(query, variables).await["payments"]["pageInfo"]["endCursor"].take();
        left -= first;
    }
    after.as_str().unwrap_or_default().to_owned()
}

fn some_payments(shop: Shop, payments: i64) -> Vec<PaymentId> {
    let mut dice = StdRng::seed_from_u64(2);
    let id = |number| PaymentId::of(shop.connection, &format!("ch_{number:010}"));
    let one = |_| id(dice.random_range(0..payments));
    (0..SINGLES).map(one).collect()
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
