//! A connected account that got its history after it was connected, so that a test decides when it is imported.

use sandbox::{AccountSpec, Resource, Sandbox};
use serde_json::{Value, json};
use tests::World;

/// An account and its connection.
pub(in super::super) struct Shop {
    /// The account at Stripe.
    pub(in super::super) account: String,
    /// Its key.
    pub(in super::super) key: String,
    /// Its connection.
    pub(in super::super) connection: String,
}

impl Shop {
    /// A good charge by card, to be changed.
    pub(in super::super) fn sample(&self, world: &World) -> Value {
        let ids = world.stripe.ledger(&self.account).charge_ids;
        let read = |id: &String| world.stripe.object(&self.account, Resource::Charge, id);
        let mut charges = ids.iter().filter_map(read);
        charges
            .find(|charge| charge["payment_method_details"]["card"].is_object())
            .unwrap()
    }

    /// Puts a copy of a charge with another id and these changes into the list; `absent` takes a field away.
    pub(in super::super) fn put_like(
        &self,
        world: &World,
        charge: &Value,
        id: &str,
        changes: &Value,
    ) {
        let created = charge["created"].as_i64().unwrap();
        let mut charge = charge.clone();
        charge["id"] = json!(id);
        for (field, value) in changes.as_object().unwrap() {
            if value == "absent" {
                charge.as_object_mut().unwrap().remove(field);
            } else {
                charge[field] = value.clone();
            }
        }
        let json = charge.to_string();
        world
            .stripe
            .insert_raw(&self.account, Resource::Charge, id, created, json);
    }
}

/// Connects an empty account, waits for its import of nothing, then gives it a history.
pub(in super::super) async fn shop(world: &World, name: &str, spec: AccountSpec) -> Shop {
    let (account, key) = world.account(AccountSpec {
        payments: 0,
        ..spec.clone()
    });
    let connection = world.connect(name, &key).await;
    let import = world.imported(&connection).await;
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    copy(&world.stripe, &world.stripe.add_account(spec), &account);
    world.stripe.clear_requests();
    Shop {
        account,
        key,
        connection,
    }
}

fn copy(stripe: &Sandbox, from: &str, to: &str) {
    let ledger = stripe.ledger(from);
    let shelves = [
        (
            Resource::BalanceTransaction,
            &ledger.balance_transaction_ids,
        ),
        (Resource::Charge, &ledger.charge_ids),
        (Resource::Refund, &ledger.refund_ids),
        (Resource::Dispute, &ledger.dispute_ids),
        (Resource::PaymentIntent, &ledger.payment_intent_ids),
    ];
    for (resource, ids) in shelves {
        let read = |id: &String| {
            let object = stripe.object(from, resource, id).unwrap();
            (
                object["created"].as_i64().unwrap(),
                id.clone(),
                object.to_string(),
            )
        };
        let mut objects: Vec<_> = ids.iter().map(read).collect();
        // In this order each one goes to the end of its list, which is quick.
        objects.sort_unstable();
        for (created, id, json) in objects {
            stripe.insert_raw(to, resource, &id, created, json);
        }
    }
}
