//! An imported account beside Stripe's own objects, and reading lists of payments.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::{AccountSpec, Resource};
use serde_json::{Value, json};
use tests::World;

/// An account that has been imported.
pub(crate) struct Shop<'a> {
    pub(super) world: &'a World,
    pub(super) account: String,
    pub(crate) connection: String,
}

impl<'a> Shop<'a> {
    /// Connects a new account and imports it.
    pub(crate) async fn open(world: &'a World, name: &str, spec: AccountSpec) -> Self {
        let (account, key) = world.account(spec);
        Self::open_as(world, name, account, &key).await
    }

    /// Connects an account that is there and imports it.
    pub(crate) async fn open_as(world: &'a World, name: &str, account: String, key: &str) -> Self {
        let connection = world.connect(name, key).await;
        let import = world.imported_with_payouts(&connection).await;
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        Self {
            world,
            account,
            connection,
        }
    }

    /// An object as Stripe has it.
    pub(super) fn object(&self, resource: Resource, id: &str) -> Value {
        let object = self.world.stripe.object(&self.account, resource, id);
        object.unwrap_or_else(|| panic!("no {id}"))
    }

    /// Every charge as Stripe has it, by id.
    pub(crate) fn charges(&self) -> BTreeMap<String, Value> {
        self.all(
            self.world.stripe.ledger(&self.account).charge_ids,
            Resource::Charge,
        )
    }

    /// Every refund as Stripe has it, by id.
    pub(super) fn refunds(&self) -> BTreeMap<String, Value> {
        self.all(
            self.world.stripe.ledger(&self.account).refund_ids,
            Resource::Refund,
        )
    }

    /// Every dispute as Stripe has it, by id.
    pub(super) fn disputes(&self) -> BTreeMap<String, Value> {
        self.all(
            self.world.stripe.ledger(&self.account).dispute_ids,
            Resource::Dispute,
        )
    }

    fn all(&self, ids: BTreeSet<String>, resource: Resource) -> BTreeMap<String, Value> {
        ids.into_iter()
            .map(|id| (id.clone(), self.object(resource, &id)))
            .collect()
    }
}

const PAGE: &str = "
    query Page(
      $first: Int, $after: String, $last: Int, $before: String, $filter: PaymentFilter, $orderBy: PaymentOrder
    ) {
      payments(
        first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy
      ) {
        edges { cursor node { id } }
        nodes { id stripeId createdAt amount { amount minorUnits currency } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount
      }
    }";

/// The whole answer to a page of payments.
pub(super) async fn ask_page(world: &World, variables: Value) -> Value {
    world.graphql(PAGE, variables).await
}

/// A page of payments; errors fail the test.
pub(super) async fn page(world: &World, variables: Value) -> Value {
    world.data(PAGE, variables).await["payments"].take()
}

/// A page's nodes.
pub(super) fn nodes(page: &Value) -> Vec<Value> {
    page["nodes"].as_array().unwrap().clone()
}

/// The Stripe ids of a page, in its order.
pub(super) fn ids(page: &Value) -> Vec<String> {
    nodes(page)
        .iter()
        .map(|node| node["stripeId"].as_str().unwrap().to_owned())
        .collect()
}

/// The Stripe ids of all payments that a filter finds, and how many the list says there are.
pub(super) async fn found(world: &World, filter: &Value) -> (BTreeSet<String>, usize) {
    let (mut found, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let page = page(
            world,
            json!({ "first": 100, "after": after, "filter": filter }),
        )
        .await;
        let (before, met) = (found.len(), ids(&page));
        found.extend(met.iter().cloned());
        assert_eq!(found.len(), before + met.len(), "a payment came twice");
        if page["pageInfo"]["hasNextPage"] == false {
            return (found, page["totalCount"].as_str().unwrap().parse().unwrap());
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// How many decimals Stripe's integers have, from Stripe's list of currencies.
pub(super) fn decimals(currency: &str) -> u32 {
    match currency {
        "jpy" | "krw" => 0,
        "kwd" | "bhd" => 3,
        _ => 2,
    }
}

/// An amount as the API writes money.
pub(crate) fn money(minor: i64, currency: &str) -> Value {
    let digits = decimals(currency) as usize;
    let sign = if minor < 0 { "-" } else { "" };
    let text = format!("{:0width$}", minor.abs(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    let point = if digits == 0 { "" } else { "." };
    json!({
        "amount": format!("{sign}{whole}{point}{fraction}"),
        "minorUnits": minor.to_string(),
        "currency": currency.to_uppercase(),
    })
}

/// Stripe's seconds as the API writes moments.
pub(super) fn moment(seconds: &Value) -> Value {
    let at = chrono::DateTime::from_timestamp(seconds.as_i64().unwrap(), 0).unwrap();
    json!(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}
