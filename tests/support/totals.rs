//! What the API says of all payments, added up as the sandbox's ledger is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::World;

/// Count, amount, captured and refunded, in minor units, by currency (lower case) and status.
pub type Totals = BTreeMap<(String, String), (u64, i64, i64, i64)>;

const PAGE: &str = "
    query Page($connections: [ID!], $after: String) {
      payments(first: 100, after: $after, filter: { connectionIds: $connections }) {
        nodes {
          stripeId status
          amount { minorUnits currency } amountCaptured { minorUnits } amountRefunded { minorUnits }
        }
        pageInfo { hasNextPage endCursor }
      }
    }";

/// Pages through all payments of a connection; the totals, and the Stripe ids in the order in which they came.
pub async fn totals(world: &World, connection: &str) -> (Totals, Vec<String>) {
    let (mut totals, mut ids, mut after) = (Totals::new(), Vec::new(), Value::Null);
    loop {
        let variables = json!({ "connections": [connection], "after": after });
        let mut page = world.data(PAGE, variables).await["payments"].take();
        for node in page["nodes"].as_array().expect("nodes") {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let minor = |field: &str| {
                text(&node[field]["minorUnits"])
                    .parse::<i64>()
                    .expect("i64")
            };
            let key = (
                text(&node["amount"]["currency"]).to_lowercase(),
                text(&node["status"]),
            );
            let total = totals.entry(key).or_default();
            total.0 += 1;
            total.1 += minor("amount");
            total.2 += minor("amountCaptured");
            total.3 += minor("amountRefunded");
            ids.push(text(&node["stripeId"]));
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return (totals, ids);
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}
