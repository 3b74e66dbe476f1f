//! Whether what Stripe tells of a connection's payments is complete.

use std::collections::BTreeMap;

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::shop::Shop;

async fn health(world: &World, shop: &Shop<'_>) -> Value {
    let query = "query($id: ID!) { connection(id: $id) { dataHealth {
        cardPayments withBin withIssuer binCoverage issuerCoverage awaitingFees quarantined advice } } }";
    world.data(query, json!({ "id": shop.connection })).await["connection"]["dataHealth"].take()
}

/// How many charges are by card, in person or not, and how many of them have a field.
fn cards(charges: &BTreeMap<String, Value>, field: &str) -> (usize, usize) {
    let methods = charges
        .values()
        .map(|charge| &charge["payment_method_details"]);
    let cards = methods.filter_map(|method| {
        let kinds = ["card", "card_present", "interac_present"];
        kinds.iter().find_map(|kind| method.get(*kind))
    });
    let cards: Vec<_> = cards.collect();
    let having = cards.iter().filter(|card| card[field].is_string());
    (cards.len(), having.count())
}

#[expect(clippy::cast_precision_loss, reason = "there are few payments")]
fn is_share(told: &Value, part: usize, whole: usize) -> bool {
    (told.as_f64().unwrap() - part as f64 / whole as f64).abs() < 1e-9
}

on_every_backend! {
    async fn coverage_is_counted_and_what_is_withheld_is_to_be_asked_for(world: &World) {
        let without = Shop::open(world, "Without", AccountSpec::with_payments(200)).await;
        let with = Shop::open(world, "With", AccountSpec::with_payments(200).seed(2).with_card_details()).await;
        let empty = Shop::open(world, "Empty", AccountSpec::default()).await;

        for shop in [&without, &with] {
            let (told, charges) = (health(world, shop).await, shop.charges());
            let (all, with_bin) = cards(&charges, "iin");
            let (_, with_issuer) = cards(&charges, "issuer");
            let awaiting = charges.values().filter(|charge| {
                charge["status"] == "succeeded" && charge["captured"] == true && charge["balance_transaction"].is_null()
            });

            assert_eq!(told["cardPayments"], all.to_string());
            assert_eq!((&told["withBin"], &told["withIssuer"]), (&json!(with_bin.to_string()), &json!(with_issuer.to_string())));
            assert!(is_share(&told["binCoverage"], with_bin, all));
            assert!(is_share(&told["issuerCoverage"], with_issuer, all));
            assert_eq!(told["awaitingFees"], awaiting.count().to_string());
            assert_eq!(told["quarantined"], "0");
        }
        let advice = health(world, &without).await["advice"].as_str().unwrap().to_owned();
        assert!(advice.contains("Ask Stripe Support") && advice.contains("iin") && advice.contains("issuer"), "{advice}");
        assert_eq!(health(world, &with).await["advice"], Value::Null);
        let nothing = health(world, &empty).await;
        assert_eq!((&nothing["cardPayments"], &nothing["binCoverage"], &nothing["advice"]), (&json!("0"), &Value::Null, &Value::Null));
    }
}
