//! A connected account that got its history after it was connected, so that a test decides when it is imported.

use sandbox::{AccountSpec, Resource};
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
    let history = world.stripe.add_account(spec);
    world.stripe.copy_books(&history, &account);
    world.stripe.clear_requests();
    Shop {
        account,
        key,
        connection,
    }
}
