//! An object that looks odd but can be understood is stored.

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::on_every_backend;

use super::support::{shop, standing, start_import};

/// Objects that look odd and can be payments, with the status and amount that they must have.
fn odd() -> Vec<(&'static str, Value, &'static str, i64)> {
    let card = |card: Value| json!({ "type": "card", "card": card });
    let with = |details: Value| json!({ "amount": 5, "status": "pending", "payment_method_details": details });
    vec![
        ("ch_odd01", with(card(json!(null))), "PENDING", 5),
        ("ch_odd02", with(json!(null)), "PENDING", 5),
        (
            "ch_odd03",
            with(json!({ "type": "telepathy", "telepathy": {} })),
            "PENDING",
            5,
        ),
        (
            "ch_odd04",
            with(card(
                json!({ "brand": "new", "funding": "new", "exp_month": "12", "country": "xx" }),
            )),
            "PENDING",
            5,
        ),
        (
            "ch_odd05",
            json!({ "amount": i64::MAX, "status": "failed" }),
            "FAILED",
            i64::MAX,
        ),
        (
            "ch_odd06",
            json!({ "amount": i64::MIN, "status": "failed" }),
            "FAILED",
            i64::MIN,
        ),
        (
            "ch_odd07",
            json!({ "amount": 7, "status": "a-status-of-tomorrow" }),
            "PENDING",
            7,
        ),
        (
            "ch_odd08",
            json!({ "amount": 7, "status": "failed", "outcome": { "type": "new", "risk_level": "new", "risk_score": "many" } }),
            "FAILED",
            7,
        ),
        (
            "ch_odd09",
            json!({ "amount": 7, "status": "failed", "metadata": null, "outcome": [], "billing_details": "none" }),
            "FAILED",
            7,
        ),
        (
            "ch_odd10",
            json!({ "amount": 7, "status": "failed", "a_field_of_tomorrow": { "deep": [[[]]] } }),
            "FAILED",
            7,
        ),
        (
            "ch_odd11",
            json!({ "amount": 0, "status": "failed", "currency": "zzz", "created": 0 }),
            "FAILED",
            0,
        ),
    ]
}

const ALL_FIELDS: &str = "
    query Payments($connections: [ID!]) {
      payments(first: 100, filter: { connectionIds: $connections }) {
        nodes {
          stripeId status amount { minorUnits currency amount } createdAt customerCountry metadata
          method {
            type
            card { brand funding expMonth expYear country bin issuer wallet checks { cvc } }
          }
          outcome { type riskLevel riskScore }
        }
      }
    }";

on_every_backend! {
    async fn odd_charges_that_can_be_understood_are_payments(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(40)).await;
        let sample = shop.sample(world);
        for (id, changes, ..) in odd() {
            shop.put_like(world, &sample, id, &changes);
        }

        start_import(world, &shop.connection, json!({})).await;
        let import = world.imported(&shop.connection).await;
        let data = world.data(ALL_FIELDS, json!({ "connections": [shop.connection] })).await;

        let nodes = data["payments"]["nodes"].as_array().unwrap();
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(nodes.len(), 40 + odd().len());
        for (id, _, status, amount) in odd() {
            let node = nodes.iter().find(|node| node["stripeId"] == id).unwrap();
            assert_eq!(node["status"], status, "{id}");
            assert_eq!(node["amount"]["minorUnits"], amount.to_string(), "{id}");
        }
        assert_eq!(standing(world, &shop.connection).await["dataHealth"]["quarantined"], "0");
    }
}
