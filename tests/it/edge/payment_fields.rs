//! Every field of a payment against Stripe's charge; null where Stripe has none.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::{AccountSpec, Resource};
use serde_json::{Map, Value, json};
use tests::{World, on_every_backend};

use super::shop::{Shop, moment, money};

const FIELDS: &str = "
    query($ids: [String!]) { payments(first: 100, filter: { stripeIds: $ids }) { nodes {
      stripeId paymentIntentId status livemode createdAt disputed customerId customerCountry description
      statementDescriptor storedCredential payoutId networkTransactionId metadata exchangeRate
      amount { amount minorUnits currency } amountCaptured { amount minorUnits currency }
      amountRefunded { amount minorUnits currency }
      fee { amount minorUnits currency } net { amount minorUnits currency }
      connection { id name } method { type }
      outcome {
        networkStatus type reason riskLevel riskScore sellerMessage failureCode failureMessage declineCode
        networkDeclineCode networkAdviceCode
      }
    } } }";

/// Every payment as the API tells it, by Stripe id.
pub(super) async fn told(shop: &Shop<'_>, query: &str) -> BTreeMap<String, Value> {
    let all: Vec<String> = shop.charges().into_keys().collect();
    let mut told = BTreeMap::new();
    for ids in all.chunks(50) {
        let data = shop.world.data(query, json!({ "ids": ids })).await;
        for node in data["payments"]["nodes"].as_array().unwrap() {
            told.insert(node["stripeId"].as_str().unwrap().to_owned(), node.clone());
        }
    }
    assert_eq!(told.len(), all.len());
    told
}

fn status(charge: &Value) -> &'static str {
    match (
        charge["status"].as_str().unwrap(),
        &charge["captured"],
        &charge["refunded"],
    ) {
        ("failed", ..) => "FAILED",
        ("pending", ..) => "PENDING",
        (_, Value::Bool(true), _) => "SUCCEEDED",
        (_, _, Value::Bool(true)) => "CANCELED",
        _ => "REQUIRES_CAPTURE",
    }
}

fn outcome(charge: &Value) -> Value {
    let outcome = &charge["outcome"];
    let declined = outcome["type"] == "issuer_declined";
    json!({
        "networkStatus": outcome["network_status"], "type": outcome["type"], "reason": outcome["reason"],
        "riskLevel": outcome["risk_level"], "riskScore": outcome["risk_score"],
        "sellerMessage": outcome["seller_message"], "failureCode": charge["failure_code"],
        "failureMessage": charge["failure_message"],
        "declineCode": if declined { outcome["reason"].clone() } else { Value::Null },
        "networkDeclineCode": outcome["network_decline_code"], "networkAdviceCode": outcome["network_advice_code"],
    })
}

/// Card numbers in free text are not shown.
fn masked(text: &Value) -> Value {
    match text.as_str() {
        Some(text) => json!(text.replace("4242 4242 4242 4242", "**** **** **** 4242")),
        None => Value::Null,
    }
}

fn settled(shop: &Shop<'_>, charge: &Value) -> (Value, Value, Option<f64>) {
    let Some(id) = charge["balance_transaction"].as_str() else {
        return (Value::Null, Value::Null, None);
    };
    let entry = shop.object(Resource::BalanceTransaction, id);
    let currency = entry["currency"].as_str().unwrap();
    let of = |field: &str| money(entry[field].as_i64().unwrap(), currency);
    (of("fee"), of("net"), entry["exchange_rate"].as_f64())
}

fn wanted(shop: &Shop<'_>, charge: &Value) -> Value {
    let currency = charge["currency"].as_str().unwrap();
    let of = |field: &str| money(charge[field].as_i64().unwrap(), currency);
    let (fee, net, _) = settled(shop, charge);
    let metadata: Map<String, Value> = charge["metadata"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.clone(), masked(value)))
        .collect();
    let details = &charge["payment_method_details"];
    let kind = details["type"].as_str().unwrap();
    let description = charge["description"].as_str().unwrap_or_default();
    json!({
        "stripeId": charge["id"], "paymentIntentId": charge["payment_intent"], "status": status(charge),
        "livemode": charge["livemode"], "createdAt": moment(&charge["created"]), "disputed": charge["disputed"],
        "customerId": charge["customer"], "customerCountry": charge["billing_details"]["address"]["country"],
        "description": masked(&charge["description"]),
        "statementDescriptor": charge["calculated_statement_descriptor"],
        "storedCredential": description.starts_with("Subscription ").then_some("recurring"),
        "networkTransactionId": details[kind]["network_transaction_id"], "metadata": metadata,
        "amount": of("amount"), "amountCaptured": of("amount_captured"), "amountRefunded": of("amount_refunded"),
        "fee": fee, "net": net, "connection": { "id": shop.connection, "name": "Shop" }, "method": { "type": kind },
        "outcome": outcome(charge),
    })
}

/// Compares one field after the other, so that a failure names it.
pub(super) fn assert_same(id: &str, told: &Value, wanted: &Value) {
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(told[field], *value, "{field} of {id}");
    }
}

async fn every_field(world: &World, spec: AccountSpec) {
    let shop = Shop::open(world, "Shop", spec).await;
    let charges = shop.charges();

    let mut told = told(&shop, FIELDS).await;

    let mut seen = BTreeSet::new();
    for (id, charge) in &charges {
        let node = told.get_mut(id).unwrap();
        let rate = node["exchangeRate"].take();
        assert_same(id, node, &wanted(&shop, charge));
        let truth = settled(&shop, charge).2;
        assert_eq!(
            rate.as_str().map(|rate| rate.parse().unwrap()),
            truth,
            "exchangeRate of {id}"
        );
        let plain = |rate: &str| {
            rate.bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
        };
        assert!(rate.as_str().is_none_or(plain), "{rate} is no decimal");
        seen.insert(status(charge));
        seen.insert(charge["outcome"]["type"].as_str().unwrap());
    }
    let all = [
        "SUCCEEDED",
        "PENDING",
        "FAILED",
        "REQUIRES_CAPTURE",
        "CANCELED",
        "authorized",
        "issuer_declined",
        "blocked",
    ];
    for kind in all {
        assert!(seen.contains(kind), "no {kind} is put to the test");
    }
}

on_every_backend! {
    async fn every_field_is_stripe_s(world: &World) {
        every_field(world, AccountSpec::with_payments(800)).await;
    }

    async fn a_settlement_currency_without_decimals_is_told_so(world: &World) {
        every_field(world, AccountSpec::with_payments(600).seed(3).country("JP").live()).await;
    }

    async fn only_issuers_have_decline_codes(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let charges = shop.charges();

        let told = told(&shop, "query($ids: [String!]) { payments(first: 100, filter: { stripeIds: $ids }) {
            nodes { stripeId status outcome { type reason declineCode } } } }").await;

        let blocked: Vec<_> = charges.iter().filter(|(_, charge)| charge["outcome"]["type"] == "blocked").collect();
        assert!(!blocked.is_empty());
        for (id, charge) in &blocked {
            assert_eq!(told[*id]["outcome"]["reason"], charge["outcome"]["reason"]);
            assert_eq!(told[*id]["outcome"]["declineCode"], Value::Null);
        }
        let coded = told.values().filter(|node| node["outcome"]["declineCode"] != Value::Null);
        let declined = charges.values().filter(|charge| charge["outcome"]["type"] == "issuer_declined");
        assert_eq!(coded.count(), declined.count());
    }

    async fn a_bare_charge_has_nulls(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(20));
        let id = world.stripe.ledger(&account).charge_ids.into_iter().next().unwrap();
        world.stripe.update_charge(&account, &id, |charge| {
            for field in [
                "customer", "description", "outcome", "payment_intent", "balance_transaction", "failure_code",
                "failure_message", "calculated_statement_descriptor", "billing_details", "payment_method_details",
            ] {
                charge[field] = Value::Null;
            }
        });
        let shop = Shop::open_as(world, "Shop", account, &key).await;

        let node = told(&shop, FIELDS).await.remove(&id).unwrap();

        for field in [
            "customerId", "customerCountry", "description", "outcome", "paymentIntentId", "fee", "net", "exchangeRate",
            "statementDescriptor", "storedCredential", "networkTransactionId", "payoutId",
        ] {
            assert_eq!(node[field], Value::Null, "{field}");
        }
        assert_eq!(node["method"]["type"], "unknown");
    }
}
