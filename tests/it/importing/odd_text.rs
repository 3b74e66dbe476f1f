//! Text of any kind is stored alike on both databases, without what a database cannot hold and without card numbers.

use sandbox::{AccountSpec, Resource};
use serde_json::{Map, Value, json};
use tests::{World, on_every_backend};

use super::support::{Queue, Shop, Tables, charge, shop, standing, start_import};

const TEXTS: &str = "
    query Texts($connections: [ID!]) {
      payments(first: 100, filter: { connectionIds: $connections }) {
        nodes { stripeId description metadata }
      }
    }";

/// Puts a charge with this description and metadata, written in JSON, into the list.
fn put(world: &World, shop: &Shop, id: &str, description: &str, metadata: &str) {
    let created = 1_750_000_000;
    let mut object = charge(id, 100);
    object["created"] = json!(created);
    object["description"] = json!("DESCRIPTION");
    object["metadata"] = json!("METADATA");
    let json = object.to_string();
    let json = json
        .replace("\"DESCRIPTION\"", description)
        .replace("\"METADATA\"", metadata);
    world
        .stripe
        .insert_raw(&shop.account, Resource::Charge, id, created, json);
}

/// Imports the shop's list; its payments, in the order of their ids.
async fn imported(world: &World, shop: &Shop) -> Vec<Value> {
    start_import(world, &shop.connection, json!({})).await;
    let import = world.imported(&shop.connection).await;
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    assert_eq!(
        standing(world, &shop.connection).await["dataHealth"]["quarantined"],
        "0"
    );
    let mut data = world
        .data(TEXTS, json!({ "connections": [shop.connection] }))
        .await;
    let Value::Array(mut nodes) = data["payments"]["nodes"].take() else {
        panic!("no list")
    };
    nodes.sort_by_key(|node| node["stripeId"].to_string());
    nodes
}

on_every_backend! {
    async fn what_no_database_holds_is_replaced(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        put(world, &shop, "ch_1", r#""a\u0000b""#, r#"{ "k\u0000ey": "v\u0000", "\u0000": "\ud800" }"#);
        put(world, &shop, "ch_2", r#""\ud83d lone \ude00""#, r#"{ "half": "\uDC00x" }"#);
        put(world, &shop, "ch_3", r#""\ud83d\ude00 \\u0000""#, "{}");

        let nodes = imported(world, &shop).await;

        assert_eq!(nodes[0]["description"], "a\u{fffd}b");
        let metadata = json!({ "k\u{fffd}ey": "v\u{fffd}", "\u{fffd}": "\u{fffd}" });
        assert_eq!(nodes[0]["metadata"], metadata);
        assert_eq!(nodes[1]["description"], "\u{fffd} lone \u{fffd}");
        assert_eq!(nodes[1]["metadata"], json!({ "half": "\u{fffd}x" }));
        assert_eq!(nodes[2]["description"], "😀 \\u0000");
    }

    async fn every_script_and_sign_comes_back_as_it_was(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        let texts = ["日本語の注文", "שלום עולם", "\u{202e}reversed\u{202c}", "👩‍👩‍👧 \u{1f3f4}", "e\u{301}", "\u{1} \u{7f} \u{feff}", "'; DROP TABLE payments; --", "\"\\\n\t", ""];
        let metadata: Map<_, _> =
            texts.iter().map(|text| ((*text).to_owned(), json!(text.repeat(3)))).collect();
        for (place, text) in texts.iter().enumerate() {
            let metadata = Value::from(metadata.clone()).to_string();
            put(world, &shop, &format!("ch_{place}"), &json!(text).to_string(), &metadata);
        }

        let nodes = imported(world, &shop).await;

        assert_eq!(nodes.len(), texts.len());
        for (node, text) in nodes.iter().zip(texts) {
            assert_eq!(node["description"], text);
            assert_eq!(node["metadata"], Value::from(metadata.clone()));
        }
    }

    async fn metadata_of_the_most_and_longest_entries_comes_back_as_it_was(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        let metadata: Map<_, _> = (0..50)
            .map(|place| (format!("{place:\u{e9}<40}"), json!("\u{10ffff}".repeat(500))))
            .collect();
        let metadata = Value::from(metadata);
        for place in 0..120 {
            put(world, &shop, &format!("ch_{place:03}"), "null", &metadata.to_string());
        }

        let nodes = imported(world, &shop).await;

        assert_eq!(nodes.len(), 100);
        assert!(nodes.iter().all(|node| node["metadata"] == metadata));
    }

    async fn metadata_that_is_not_text_is_kept_as_text(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        put(world, &shop, "ch_1", "null", r#"{ "number": 5, "none": null, "list": [1, "a"], "yes": true }"#);

        let nodes = imported(world, &shop).await;

        let text = json!({ "number": "5", "none": "null", "list": "[1,\"a\"]", "yes": "true" });
        assert_eq!(nodes[0]["metadata"], text);
    }

    async fn card_numbers_in_free_text_are_masked_before_they_are_stored(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::default()).await;
        let numbers = ["4242424242424242", "5555555555554444", "378282246310005", "6011111111111117"];
        put(
            world,
            &shop,
            "ch_1",
            r#""paid with 4242 4242 4242 4242, not 5555-5555-5555-4444""#,
            r#"{ "card": "4242424242424242", "378282246310005": "x", "number": 6011111111111117, "in": { "side": ["5555555555554444"] }, "order": "4242424242424241" }"#,
        );
        let intent = json!({
            "id": "pi_1", "created": 1_750_000_000, "livemode": false, "status": "succeeded", "amount": 1,
            "currency": "eur", "description": "4242424242424242", "metadata": { "card": "4242424242424242" },
        });
        world.stripe.insert_raw(&shop.account, Resource::PaymentIntent, "pi_1", 1_750_000_000, intent.to_string());

        let nodes = imported(world, &shop).await;
        let everything = Tables::open(&world.database_url()).await.everything().await;

        assert_eq!(nodes[0]["description"], "paid with **** **** **** 4242, not ****-****-****-4444");
        assert_eq!(nodes[0]["metadata"]["card"], "************4242");
        assert_eq!(nodes[0]["metadata"]["***********0005"], "x");
        assert_eq!(nodes[0]["metadata"]["order"], "4242424242424241");
        assert!(everything.contains("pi_1"));
        for number in numbers {
            assert!(!everything.contains(number), "{number} is stored");
        }
        assert!(!everything.contains("4242 4242 4242 4242"));
    }

    async fn a_text_that_no_database_holds_cannot_reach_one_by_another_way(world: &World) {
        let queue = Queue::of_windows(world, 1).await;
        let window = queue.take(tests::ids().next(), 0, 1).await.remove(0);
        let mut odd = charge("ch_\u{0}1", 1);
        odd["customer"] = json!("cus_\u{0}");
        odd["payment_method_details"] = json!({ "type": "ca\u{0}rd", "card": { "brand": "vi\u{0}sa" } });

        let page = queue.page(&[odd], Queue::at(0));
        let written = queue.store.commit_page(&window, Queue::more("ch_1"), page, Queue::at(1)).await;

        assert_eq!(written.unwrap().import.imported_payments, 1);
        let ids = Tables::open(&world.database_url()).await.ids("payments").await;
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["ch_\u{fffd}1"]);
    }
}
