//! Lists that Stripe cuts off inside of objects are kept whole, or not at all.

use std::collections::BTreeSet;

use sandbox::{AccountSpec, Act, Fault, Resource, Rule};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::{Tables, shop, start_import};

/// The stored body of each subscription, by id.
async fn bodies(world: &World) -> Vec<(String, Value)> {
    let tables = Tables::open(&world.database_url()).await;
    let sql = "SELECT stripe_id || ' ' || CAST(body AS text) FROM stripe_objects WHERE kind = 'subscription'";
    let split = |row: &String| {
        let (id, body) = row.split_once(' ').unwrap();
        (id.to_owned(), serde_json::from_str(body).unwrap())
    };
    tables.texts(sql).await.iter().map(split).collect()
}

fn ids(list: &Value) -> BTreeSet<String> {
    let items = list["data"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

on_every_backend! {
    async fn the_items_of_every_subscription_are_complete(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(2_400)).await;
        let url = "/v1/subscription_items";
        world.stripe.faults().inject(Rule::next(2, Fault::Unavailable).on(url));

        start_import(world, &shop.connection, json!({ "resources": ["SUBSCRIPTIONS"] })).await;
        let import = world.imported(&shop.connection).await;

        let ledger = world.stripe.ledger(&shop.account);
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        let stored = bodies(world).await;
        assert_eq!(stored.len(), ledger.subscription_ids.len());
        for (id, body) in &stored {
            assert_eq!(ids(&body["items"]), ledger.items_by_subscription[id], "{id}");
            assert_eq!(body["items"]["has_more"], false);
        }
        let lengths = ledger.items_by_subscription.values().map(BTreeSet::len);
        assert!(lengths.clone().any(|length| length > 100), "no list has more than one page: {:?}", lengths.max());
        // Those that Stripe gave whole are not asked for again.
        let long = ledger.items_by_subscription.values().filter(|items| items.len() > 20).count();
        let asked = world.stripe.requests().iter().filter(|request| request.path == url).count();
        assert!(asked <= 2 * long + 4, "{asked} requests for {long} lists");
    }

    async fn a_list_that_stripe_does_not_show_is_left_out(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        let elsewhere = json!({ "object": "list", "data": [{ "id": "si_1" }], "has_more": true, "url": "https://example.com/v1/x" });
        let gone = json!({ "object": "list", "data": [{ "id": "si_1" }], "has_more": true, "url": "/v1/no_such_list" });
        for (id, items) in [("sub_elsewhere", elsewhere), ("sub_gone", gone)] {
            let subscription = json!({ "id": id, "object": "subscription", "created": 1_750_000_000, "status": "active", "items": items });
            world.stripe.insert_raw(&shop.account, Resource::Subscription, id, 1_750_000_000, subscription.to_string());
        }

        start_import(world, &shop.connection, json!({ "resources": ["SUBSCRIPTIONS"] })).await;
        let import = world.imported(&shop.connection).await;

        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        let stored = bodies(world).await;
        assert_eq!(stored.len(), 2);
        for (id, body) in stored {
            assert_eq!((&body["status"], &body["items"]), (&json!("active"), &json!(null)), "{id}");
        }
    }

    async fn an_event_with_a_list_that_is_cut_off_brings_the_whole_one(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(100));
        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        let ledger = world.stripe.ledger(&account);
        let (long, items) = ledger.items_by_subscription.iter().find(|(_, items)| items.len() > 20).unwrap();

        let act = Act::Change {
            resource: Resource::Subscription,
            id: Some(long.clone()),
            event_type: "customer.subscription.updated".to_owned(),
            change: json!({ "status": "past_due" }),
        };
        world.stripe.act(&account, act).unwrap();
        let waiting = async {
            loop {
                let stored = bodies(world).await;
                let (_, body) = stored.iter().find(|(id, _)| id == long).unwrap();
                if body["status"] == "past_due" {
                    return body.clone();
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        let body = tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await.expect("the event was not applied");

        assert_eq!(&ids(&body["items"]), items);
    }
}
