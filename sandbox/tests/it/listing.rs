use std::collections::BTreeSet;

use sandbox::{AccountSpec, History, Resource};
use serde_json::{Value, json};

use crate::support::{id, world, world_of};

fn ids(objects: &[Value]) -> BTreeSet<String> {
    objects.iter().map(|object| id(object).to_owned()).collect()
}

#[tokio::test]
async fn every_list_pages_through_completely_and_newest_first() {
    let world = world(330).await;
    let ledger = world.sandbox.ledger(&world.account);
    let lists = [
        ("/v1/charges", &ledger.charge_ids),
        ("/v1/refunds", &ledger.refund_ids),
        ("/v1/disputes", &ledger.dispute_ids),
        ("/v1/payment_intents", &ledger.payment_intent_ids),
        ("/v1/balance_transactions", &ledger.balance_transaction_ids),
    ];
    assert_eq!(ledger.charge_ids.len(), 330);
    for (path, expected) in lists {
        for limit in [7, 100] {
            let found = world.all(path, limit).await;
            assert_eq!(found.len(), expected.len(), "{path}");
            assert_eq!(&ids(&found), expected, "{path}");
            assert!(
                found.is_sorted_by_key(|object| -object["created"].as_i64().unwrap()),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn a_second_with_many_payments_pages_without_loss() {
    let world = world_of(AccountSpec::with_payments(250).shape(History::OneSecond)).await;
    let found = world.all("/v1/charges", 100).await;
    assert_eq!(ids(&found).len(), 250);
    let seconds: BTreeSet<_> = found
        .iter()
        .map(|charge| charge["created"].as_i64())
        .collect();
    assert_eq!(seconds.len(), 1);
}

#[tokio::test]
async fn created_bounds_are_exact() {
    let world = world(200).await;
    let all = world.all("/v1/charges", 100).await;
    let second = all[100]["created"].as_i64().unwrap();
    let count = |keep: fn(i64, i64) -> bool| {
        all.iter()
            .filter(|charge| keep(charge["created"].as_i64().unwrap(), second))
            .count()
    };
    let cases: [(&str, usize); 5] = [
        ("created[gt]", count(|at, bound| at > bound)),
        ("created[gte]", count(|at, bound| at >= bound)),
        ("created[lt]", count(|at, bound| at < bound)),
        ("created%5Blte%5D", count(|at, bound| at <= bound)),
        ("created", count(|at, bound| at == bound)),
    ];
    for (name, expected) in cases {
        let found = world.all(&format!("/v1/charges?{name}={second}"), 30).await;
        assert_eq!(found.len(), expected, "{name}");
    }
    let (_, nothing) = world.get("/v1/charges?created[gt]=9999999999").await;
    assert_eq!(
        nothing,
        json!({"object": "list", "data": [], "has_more": false, "url": "/v1/charges"})
    );
}

#[tokio::test]
async fn ending_before_walks_towards_the_present() {
    let world = world(60).await;
    let all = world.all("/v1/charges", 100).await;
    let (_, page) = world
        .get(&format!(
            "/v1/charges?limit=10&ending_before={}",
            id(&all[40])
        ))
        .await;
    assert_eq!(page["data"].as_array().unwrap(), &all[30..40]);
    assert_eq!(page["has_more"], true);
    let (_, page) = world
        .get(&format!(
            "/v1/charges?limit=10&ending_before={}",
            id(&all[4])
        ))
        .await;
    assert_eq!(page["data"].as_array().unwrap(), &all[..4]);
    assert_eq!(page["has_more"], false);
}

#[tokio::test]
async fn lists_filter_by_what_objects_point_to() {
    let world = world(400).await;
    let charges = world.all("/v1/charges", 100).await;
    let refunds = world.all("/v1/refunds", 100).await;
    let refunded = refunds[0]["charge"].as_str().unwrap();
    let expected = ids(&refunds
        .iter()
        .filter(|refund| refund["charge"] == refunded)
        .cloned()
        .collect::<Vec<_>>());
    assert_eq!(
        ids(&world
            .all(&format!("/v1/refunds?charge={refunded}"), 100)
            .await),
        expected
    );
    assert_eq!(
        ids(&world
            .all(&format!("/v1/charges/{refunded}/refunds"), 2)
            .await),
        expected
    );

    let customer = charges
        .iter()
        .find_map(|charge| charge["customer"].as_str())
        .unwrap();
    let found = world
        .all(&format!("/v1/charges?customer={customer}"), 100)
        .await;
    assert!(!found.is_empty() && found.iter().all(|charge| charge["customer"] == customer));
    let found = world
        .all("/v1/balance_transactions?type=adjustment&currency=usd", 100)
        .await;
    assert!(
        found
            .iter()
            .all(|transaction| transaction["type"] == "adjustment")
    );
    assert!(
        world
            .all("/v1/balance_transactions?payout=po_1", 10)
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn expansions_put_objects_in_place_of_their_ids() {
    let world = world(150).await;
    let path =
        "/v1/charges?expand[]=data.balance_transaction&expand[]=data.payment_intent.latest_charge";
    for charge in world.all(path, 50).await {
        let transaction = &charge["balance_transaction"];
        assert!(transaction.is_null() || transaction["source"] == charge["id"]);
        let intent = &charge["payment_intent"];
        assert!(intent.is_null() || intent["latest_charge"]["object"] == "charge");
    }
    let (_, plain) = world.get("/v1/charges?limit=1").await;
    let charge = id(&plain["data"][0]);
    let (_, expanded) = world
        .get(&format!("/v1/charges/{charge}?expand[]=refunds"))
        .await;
    assert_eq!(
        expanded["refunds"]["url"],
        format!("/v1/charges/{charge}/refunds")
    );
    let (status, error) = world.get("/v1/charges?expand[]=data.nonsense").await;
    assert_eq!((status, &error["error"]["param"]), (400, &json!("expand")));
    assert_eq!(
        world
            .get("/v1/charges?expand[]=balance_transaction")
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn more_than_ten_refunds_go_on_at_their_own_list() {
    let world = world(1).await;
    for number in 0..12 {
        let refund = json!({"id": format!("re_{number:02}"), "object": "refund", "charge": "ch_many", "amount": 1});
        let id = format!("re_{number:02}");
        world.sandbox.insert_raw(
            &world.account,
            Resource::Refund,
            &id,
            1_700_000_000 + number,
            refund.to_string(),
        );
    }
    let charge = json!({"id": "ch_many", "object": "charge"}).to_string();
    world.sandbox.insert_raw(
        &world.account,
        Resource::Charge,
        "ch_many",
        1_700_000_000,
        charge,
    );
    let (_, charge) = world.get("/v1/charges/ch_many?expand[]=refunds").await;
    assert_eq!(charge["refunds"]["data"].as_array().unwrap().len(), 10);
    assert_eq!(charge["refunds"]["has_more"], true);
    assert_eq!(world.all("/v1/charges/ch_many/refunds", 5).await.len(), 12);
}

#[tokio::test]
async fn wrong_parameters_are_refused() {
    let world = world(3).await;
    for (path, code, param) in [
        ("/v1/charges?creatd=1", "parameter_unknown", "creatd"),
        ("/v1/charges?limit=0", "parameter_invalid_integer", "limit"),
        (
            "/v1/charges?limit=101",
            "parameter_invalid_integer",
            "limit",
        ),
        (
            "/v1/charges?created[gte]=soon",
            "parameter_invalid_integer",
            "created[gte]",
        ),
        (
            "/v1/charges?starting_after=ch_gone",
            "resource_missing",
            "starting_after",
        ),
        (
            "/v1/refunds?ending_before=re_gone",
            "resource_missing",
            "ending_before",
        ),
        (
            "/v1/payment_methods?created=1",
            "parameter_unknown",
            "created",
        ),
    ] {
        let (status, body) = world.get(path).await;
        assert_eq!(status, 400, "{path}");
        assert_eq!(
            (&body["error"]["code"], &body["error"]["param"]),
            (&json!(code), &json!(param)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_test_may_change_and_break_objects() {
    let world = world(5).await;
    let (_, page) = world.get("/v1/charges?limit=1").await;
    let charge = id(&page["data"][0]).to_owned();
    world
        .sandbox
        .update_charge(&world.account, &charge, |charge| {
            charge["disputed"] = json!(true);
        });
    assert_eq!(
        world.get(&format!("/v1/charges/{charge}")).await.1["disputed"],
        true
    );
    let broken = r#"{"id":"ch_broken","object":"charge","amount":"many"}"#.to_owned();
    world.sandbox.insert_raw(
        &world.account,
        Resource::Charge,
        "ch_broken",
        1_600_000_000,
        broken,
    );
    assert_eq!(world.all("/v1/charges", 100).await.len(), 6);
    assert_eq!(world.sandbox.ledger(&world.account).charge_ids.len(), 5);
}
