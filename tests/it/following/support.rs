//! What the tests of following up share.

use std::{collections::BTreeMap, time::Duration};

use chrono::TimeDelta;
use sandbox::{Act, DeliveryFaults, PaymentSpec, Resource};
use serde_json::{Value, json};
use tests::{World, WorldOptions};

use crate::{connecting::database::count, inbox::support::Live};

/// What has not come by now does not come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A gateway that looks for missing events only when it starts.
pub(super) fn seldom() -> WorldOptions {
    WorldOptions {
        variables: vec![("INLET_INBOX__RECOVERY_INTERVAL_SECONDS", "86400".to_owned())],
        ..WorldOptions::default()
    }
}

/// Nothing is delivered from now on.
pub(super) fn drop_everything(world: &World) {
    world.stripe.delivery().mode(DeliveryFaults {
        drop: 1.0,
        ..DeliveryFaults::default()
    });
}

/// Everything is delivered from now on.
pub(super) fn deliver_everything(world: &World) {
    world.stripe.delivery().mode(DeliveryFaults::default());
}

/// Lets time pass, here and at Stripe.
pub(super) fn pass(world: &World, time: TimeDelta) {
    world.clock.advance(time);
    world.stripe.advance(time);
}

/// A payment whose fees Stripe knows.
pub(super) fn settled_payment(world: &World, account: &str) -> String {
    let act = |act| world.stripe.act(account, act).unwrap();
    let charge = act(Act::Pay(PaymentSpec::default())).id;
    act(Act::SettleFees(charge.clone()));
    charge
}

/// The entry of the ledger that settles a charge.
pub(super) fn entry_of(world: &World, account: &str, charge: &str) -> Option<String> {
    let charge = world.stripe.object(account, Resource::Charge, charge)?;
    charge["balance_transaction"].as_str().map(str::to_owned)
}

/// The charges that the ledger has settled, each with its entry.
pub(super) fn settled_charges(world: &World, account: &str) -> BTreeMap<String, String> {
    let charges = world.stripe.ledger(account).charge_ids;
    let entry = |charge: String| Some((charge.clone(), entry_of(world, account, &charge)?));
    charges.into_iter().filter_map(entry).collect()
}

/// A new automatic payout of these charges, brought into a state.
pub(super) fn payout_of(world: &World, live: &Live, charges: &[String], state: Value) -> String {
    let mut change = pending();
    change["automatic"] = json!(true);
    let made = world.stripe.act(
        &live.account,
        Act::Change {
            resource: Resource::Payout,
            id: None,
            event_type: "payout.created".to_owned(),
            change,
        },
    );
    let payout = made.unwrap().id;
    let entries: Vec<_> = charges
        .iter()
        .map(|charge| entry_of(world, &live.account, charge).unwrap())
        .collect();
    world
        .stripe
        .put_into_payout(&live.account, &payout, &entries);
    if state != pending() {
        payout_event(world, live, &payout, "payout.updated", state);
    }
    payout
}

/// An event of a payout that brings it into a state.
pub(super) fn payout_event(world: &World, live: &Live, payout: &str, kind: &str, state: Value) {
    let act = Act::Change {
        resource: Resource::Payout,
        id: Some(payout.to_owned()),
        event_type: kind.to_owned(),
        change: state,
    };
    world.stripe.act(&live.account, act).unwrap();
}

/// A state whose list is not wanted yet.
pub(super) fn pending() -> Value {
    json!({ "status": "pending", "reconciliation_status": "in_progress" })
}

/// The state in which a list is complete.
pub(super) fn reconciled() -> Value {
    json!({ "status": "paid", "reconciliation_status": "completed" })
}

const PAYMENTS: &str = "
    query Page($connections: [ID!], $after: String) {
      payments(first: 100, after: $after, filter: { connectionIds: $connections }) {
        nodes { stripeId payoutId fee { minorUnits } net { minorUnits } }
        pageInfo { hasNextPage endCursor }
      }
    }";

/// A field of every payment, by Stripe id.
async fn field(world: &World, connection: &str, name: &str) -> BTreeMap<String, Option<String>> {
    let (mut all, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let variables = json!({ "connections": [connection], "after": after });
        let mut page = world.data(PAYMENTS, variables).await["payments"].take();
        for node in page["nodes"].as_array().unwrap() {
            let value = match &node[name] {
                Value::Object(money) => money["minorUnits"].as_str().map(str::to_owned),
                value => value.as_str().map(str::to_owned),
            };
            all.insert(node["stripeId"].as_str().unwrap().to_owned(), value);
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

/// The payouts of those of some charges that are in one.
pub(super) async fn payouts<'a>(
    world: &World,
    live: &Live,
    charges: impl IntoIterator<Item = &'a String>,
) -> BTreeMap<String, String> {
    let mut all = field(world, &live.connection, "payoutId").await;
    let payout = |charge: &String| Some((charge.clone(), all.remove(charge).flatten()?));
    charges.into_iter().filter_map(payout).collect()
}

/// The fee of every payment, as far as it is known.
pub(super) async fn fees(world: &World, connection: &str) -> BTreeMap<String, Option<String>> {
    field(world, connection, "fee").await
}

/// Waits until something holds.
pub(super) async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "it never came: {what}");
}

/// Waits until events that may be missing were looked for, as they are after an import.
pub(super) async fn looked_for_events(world: &World) {
    let done =
        "connection_tasks WHERE kind = 'recover' AND through_at IS NOT NULL AND since_at IS NULL
        AND lease_until IS NULL AND attempts = 0";
    until("the look for missing events", async || {
        count(world, done).await > 0
    })
    .await;
}

/// Waits until these charges are in their payouts.
pub(super) async fn linked(world: &World, live: &Live, wanted: &BTreeMap<String, String>) {
    until("the payments' payouts", async || {
        payouts(world, live, wanted.keys()).await == *wanted
    })
    .await;
}

/// How often the list of a payout, or of all when none is named, was asked for.
pub(super) fn lists_of(world: &World, payout: &str) -> usize {
    let requests = world.stripe.requests();
    let list = format!("payout={payout}");
    requests
        .iter()
        .filter(|request| request.path == "/v1/balance_transactions")
        .filter(|request| request.query.contains(&list))
        .count()
}
