//! Acts and the events that tell of them.

use sandbox::{Act, PaymentSpec, PaymentStatus, Resource, TrafficSpec};
use serde_json::{Value, json};

use crate::support::{World, id, world};

fn act(world: &World, act: Act) -> String {
    world.sandbox.act(&world.account, act).unwrap().id
}

fn types(world: &World) -> Vec<String> {
    let events = world.sandbox.events(&world.account);
    events
        .iter()
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect()
}

fn object(world: &World, resource: Resource, id: &str) -> Value {
    world.sandbox.object(&world.account, resource, id).unwrap()
}

#[tokio::test]
async fn a_payment_tells_its_life_in_events() {
    let world = world(50).await;
    let charge = act(&world, Act::Pay(PaymentSpec::of(5_000, "eur")));
    act(&world, Act::SettleFees(charge.clone()));
    let part = Act::Refund {
        charge: charge.clone(),
        amount: Some(2_000),
    };
    let refund = act(&world, part);
    let dispute = act(&world, Act::Dispute(charge.clone()));
    act(
        &world,
        Act::CloseDispute {
            dispute: dispute.clone(),
            won: true,
        },
    );
    assert_eq!(
        types(&world),
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "charge.updated",
            "refund.created",
            "charge.refunded",
            "charge.dispute.created",
            "charge.dispute.funds_withdrawn",
            "charge.updated",
            "charge.dispute.closed",
            "charge.dispute.funds_reinstated",
        ]
    );
    let events = world.sandbox.events(&world.account);
    assert!(events[1]["data"]["object"]["balance_transaction"].is_null());
    assert_eq!(
        events[3]["data"]["previous_attributes"],
        json!({"balance_transaction": null})
    );
    assert_eq!(
        events[5]["data"]["previous_attributes"],
        json!({"amount_refunded": 0})
    );
    assert!(events[0]["request"]["id"].is_string());
    assert!(events[3]["request"]["id"].is_null());

    let charge = object(&world, Resource::Charge, &charge);
    assert_eq!(charge["amount_refunded"], 2_000);
    assert_eq!(charge["disputed"], true);
    let fees = object(
        &world,
        Resource::BalanceTransaction,
        charge["balance_transaction"].as_str().unwrap(),
    );
    assert_eq!(fees["source"], charge["id"]);
    assert!(fees["fee"].as_i64().unwrap() > 0);
    let refund = object(&world, Resource::Refund, &refund);
    object(
        &world,
        Resource::BalanceTransaction,
        refund["balance_transaction"].as_str().unwrap(),
    );
    let dispute = object(&world, Resource::Dispute, &dispute);
    assert_eq!(dispute["status"], "won");
    assert_eq!(dispute["balance_transactions"].as_array().unwrap().len(), 2);
    let (_, newest) = world.get("/v1/charges?limit=1").await;
    assert_eq!(newest["data"][0], charge);
}

#[tokio::test]
async fn holds_debits_and_failures_end_as_they_do_at_stripe() {
    let world = world(0).await;
    let begun = act(&world, Act::Begin(PaymentSpec::of(700, "usd")));
    act(&world, Act::Cancel(begun));
    let failed = world
        .sandbox
        .act(&world.account, Act::Fail(PaymentSpec::of(900, "usd")))
        .unwrap();
    let intent = failed.payment_intent.unwrap();
    let paid = act(&world, Act::Pay(PaymentSpec::again(&intent)));
    assert_eq!(
        object(&world, Resource::PaymentIntent, &intent)["latest_charge"],
        paid.as_str()
    );
    assert_eq!(
        object(&world, Resource::PaymentIntent, &intent)["last_payment_error"],
        Value::Null
    );
    let held = act(&world, Act::PayLater(PaymentSpec::of(300, "usd")));
    act(&world, Act::Capture(held.clone()));
    assert!(
        world
            .sandbox
            .act(&world.account, Act::Capture(held))
            .is_err()
    );
    let expired = act(&world, Act::PayLater(PaymentSpec::of(400, "usd")));
    act(&world, Act::Expire(expired));
    let debit = act(&world, Act::PayByDebit(PaymentSpec::of(1_100, "usd")));
    act(
        &world,
        Act::ClearDebit {
            charge: debit.clone(),
            paid: true,
        },
    );
    act(&world, Act::ReturnDebit(debit));

    let totals = world.sandbox.ledger(&world.account).totals;
    let count = |status| {
        totals
            .get(&("usd".to_owned(), status))
            .map_or(0, |total| total.count)
    };
    assert_eq!(count(PaymentStatus::Succeeded), 2);
    assert_eq!(count(PaymentStatus::Failed), 2);
    assert_eq!(count(PaymentStatus::Canceled), 1);
    assert_eq!(count(PaymentStatus::Pending), 0);
}

#[tokio::test]
async fn events_are_listed_by_type_time_and_page_in_the_accounts_version() {
    let world = world(0).await;
    world
        .sandbox
        .set_time(Some("2026-11-20T10:00:00Z".parse().unwrap()));
    act(&world, Act::Pay(PaymentSpec::default()));
    world.sandbox.advance(chrono::TimeDelta::days(1));
    act(&world, Act::Fail(PaymentSpec::default()));
    assert_eq!(world.all("/v1/events", 2).await.len(), 6);
    assert_eq!(world.all("/v1/events?type=charge.*", 10).await.len(), 2);
    let two = "/v1/events?types[]=charge.failed&types[]=payment_intent.created";
    assert_eq!(world.all(two, 10).await.len(), 3);
    let since = world.sandbox.now().timestamp();
    assert_eq!(
        world
            .all(&format!("/v1/events?created[gte]={since}"), 10)
            .await
            .len(),
        3
    );
    assert_eq!(
        world
            .all("/v1/events?delivery_success=true", 10)
            .await
            .len(),
        6
    );
    let many = "types[]=charge.failed&".repeat(21);
    assert_eq!(world.get(&format!("/v1/events?{many}")).await.0, 400);
    assert_eq!(world.get("/v1/events?type=a.b&types[]=c.d").await.0, 400);

    let newest = &world.all("/v1/events", 10).await[0];
    assert_eq!(newest["api_version"], "2024-06-20");
    let path = format!("/v1/events/{}", id(newest));
    let response = world.response(&path).await;
    assert_eq!(response.headers()["date"], "Sat, 21 Nov 2026 10:00:00 GMT");
    assert_eq!(&world.get(&path).await.1, newest);
    world
        .sandbox
        .advance(chrono::TimeDelta::days(29) + chrono::TimeDelta::hours(1));
    assert_eq!(world.all("/v1/events", 10).await.len(), 3);
    world.sandbox.advance(chrono::TimeDelta::days(2));
    assert_eq!(world.get(&path).await.0, 404);
}

#[tokio::test]
async fn objects_that_history_has_none_of_can_be_made_and_changed() {
    let world = world(0).await;
    let change = |resource, id: Option<&str>, event_type: &str, change: Value| Act::Change {
        resource,
        id: id.map(str::to_owned),
        event_type: event_type.to_owned(),
        change,
    };
    let product = act(
        &world,
        change(
            Resource::Product,
            None,
            "product.created",
            json!({"name": "Cap"}),
        ),
    );
    act(
        &world,
        change(
            Resource::Product,
            Some(&product),
            "product.updated",
            json!({"name": "Hat"}),
        ),
    );
    let events = world.sandbox.events(&world.account);
    assert_eq!(
        events[1]["data"]["previous_attributes"],
        json!({"name": "Cap"})
    );
    act(
        &world,
        change(
            Resource::Product,
            Some(&product),
            "product.deleted",
            json!({}),
        ),
    );
    let (status, gone) = world.get(&format!("/v1/products/{product}")).await;
    assert_eq!(
        (status, gone),
        (
            200,
            json!({"id": product, "object": "product", "deleted": true})
        )
    );
    assert_eq!(world.all("/v1/products", 10).await.len(), 0);

    let status = |status: &str| json!({ "status": status });
    act(
        &world,
        change(
            Resource::Subscription,
            Some("sub_1"),
            "customer.subscription.created",
            status("active"),
        ),
    );
    act(
        &world,
        change(
            Resource::Subscription,
            Some("sub_2"),
            "customer.subscription.deleted",
            status("canceled"),
        ),
    );
    assert_eq!(world.all("/v1/subscriptions", 10).await.len(), 1);
    assert_eq!(world.all("/v1/subscriptions?status=all", 10).await.len(), 2);
    assert_eq!(
        world
            .all("/v1/subscriptions?status=canceled", 10)
            .await
            .len(),
        1
    );
    assert_eq!(world.all("/v1/payment_methods", 10).await.len(), 0);
}

#[tokio::test]
async fn traffic_is_the_same_for_the_same_seed_and_leaves_a_sound_account() {
    let (first, second) = (world(300).await, world(300).await);
    let spec = TrafficSpec {
        events: 600,
        ..TrafficSpec::default()
    };
    for world in [&first, &second] {
        world
            .sandbox
            .set_time(Some("2026-11-20T10:00:00Z".parse().unwrap()));
        let made = world.sandbox.traffic(&world.account, spec);
        assert!(
            (600..620).contains(&made.events.len()),
            "{}",
            made.events.len()
        );
    }
    assert_eq!(types(&first), types(&second));
    let ledger = first.sandbox.ledger(&first.account);
    assert_eq!(
        first.all("/v1/charges", 100).await.len(),
        ledger.charge_ids.len()
    );
    assert_eq!(
        first.all("/v1/balance_transactions", 100).await.len(),
        ledger.balance_transaction_ids.len()
    );
    for charge in first
        .all(
            "/v1/charges?created[gte]=1795000000&expand[]=data.balance_transaction",
            100,
        )
        .await
    {
        let is_paid = charge["status"] == "succeeded" && charge["captured"] == true;
        assert_eq!(
            charge["balance_transaction"].is_object(),
            is_paid,
            "{charge}"
        );
    }
}
