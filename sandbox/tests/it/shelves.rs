//! What an account has beside its payments.

use std::collections::BTreeSet;

use sandbox::{AccountSpec, Resource};
use serde_json::Value;

use crate::support::{id, world, world_of};

fn ids(objects: &[Value]) -> BTreeSet<String> {
    objects.iter().map(|object| id(object).to_owned()).collect()
}

#[tokio::test]
async fn every_resource_lists_what_the_ledger_knows() {
    let world = world(2_400).await;
    let ledger = world.sandbox.ledger(&world.account);
    for (path, expected) in [
        ("/v1/payouts", &ledger.payout_ids),
        ("/v1/transfers", &ledger.transfer_ids),
        ("/v1/products", &ledger.product_ids),
        ("/v1/setup_intents", &ledger.setup_intent_ids),
        ("/v1/credit_notes", &ledger.credit_note_ids),
        ("/v1/subscriptions?status=all", &ledger.subscription_ids),
        ("/v1/payment_methods", &ledger.payment_method_ids),
        ("/v1/files", &ledger.file_ids),
    ] {
        assert!(expected.len() >= 20, "{path} has only {}", expected.len());
        let found = world.all(path, 100).await;
        assert_eq!(&ids(&found), expected, "{path}");
        assert_eq!(found.len(), expected.len(), "{path}");
        let collection = path.split('?').next().unwrap();
        let one = world.get(&format!("{collection}/{}", id(&found[0]))).await;
        assert_eq!(one, (200, found[0].clone()));
    }
}

#[tokio::test]
async fn an_account_without_payments_has_nothing_else_either() {
    let world = world(0).await;
    let ledger = world.sandbox.ledger(&world.account);
    assert_eq!(ledger, sandbox::Ledger::default());
    let (_, balance) = world.get("/v1/balance").await;
    assert_eq!(balance["available"][0]["amount"], 0);
}

#[tokio::test]
async fn canceled_subscriptions_hide_unless_asked_for() {
    let world = world(900).await;
    let all = world.all("/v1/subscriptions?status=all", 100).await;
    let shown = world.all("/v1/subscriptions", 100).await;
    let canceled = all.iter().filter(|one| one["status"] == "canceled").count();
    assert!(canceled > 0);
    assert_eq!(shown.len() + canceled, all.len());
}

#[tokio::test]
async fn items_beyond_twenty_are_a_list_of_their_own() {
    let world = world(900).await;
    let ledger = world.sandbox.ledger(&world.account);
    let mut long = 0;
    for subscription in world.all("/v1/subscriptions?status=all", 100).await {
        let items = &subscription["items"];
        let url = items["url"].as_str().unwrap();
        let whole = &ledger.items_by_subscription[id(&subscription)];
        assert_eq!(&ids(&world.all(url, 100).await), whole);
        let carried = items["data"].as_array().unwrap();
        assert_eq!(items["has_more"], whole.len() > 20);
        assert_eq!(carried.len(), whole.len().min(20));
        assert_eq!(world.first(1, url, 20).await[..carried.len()], carried[..]);
        long += usize::from(whole.len() > 20);
    }
    assert!(long > 0);
    let (status, body) = world.get("/v1/subscription_items").await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (400, &"parameter_missing".into())
    );
}

#[tokio::test]
async fn sources_are_fetched_by_the_ids_that_charges_show() {
    let world = world(900).await;
    let ledger = world.sandbox.ledger(&world.account);
    let charges = world.all("/v1/charges", 100).await;
    let shown: BTreeSet<_> = charges
        .iter()
        .filter_map(|charge| charge["source"]["id"].as_str())
        .map(str::to_owned)
        .collect();
    assert!(shown.len() >= 5);
    assert_eq!(shown, ledger.source_ids);
    for id in &shown {
        let (status, source) = world.get(&format!("/v1/sources/{id}")).await;
        assert_eq!((status, source["object"].as_str()), (200, Some("source")));
    }
    assert_eq!(
        world.get("/v1/sources").await.0,
        404,
        "there is no list of them"
    );
    let first = shown.first().unwrap();
    world
        .sandbox
        .remove(&world.account, Resource::Source, first);
    assert_eq!(world.get(&format!("/v1/sources/{first}")).await.0, 404);
}

#[tokio::test]
async fn payment_methods_cannot_be_cut_by_time() {
    let world = world(100).await;
    let (status, body) = world.get("/v1/payment_methods?created[lt]=5").await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (400, &"parameter_unknown".into())
    );
}

#[tokio::test]
async fn the_balance_is_what_was_not_paid_out() {
    let world = world_of(AccountSpec::with_payments(1_500)).await;
    let (_, balance) = world.get("/v1/balance").await;
    let amount = |kind: &str| balance[kind][0]["amount"].as_i64().unwrap();
    let all = world.all("/v1/balance_transactions", 100).await;
    let total: i64 = all.iter().map(|one| one["net"].as_i64().unwrap()).sum();
    assert_eq!(amount("available") + amount("pending"), total);
    assert!(amount("pending") != 0);
}
