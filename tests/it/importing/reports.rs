//! Financial reports: they fill fees in, once, exactly, and only where there are none.

use std::collections::BTreeSet;

use sandbox::{AccountSpec, Fault, Grants, Permission, Resource, Rule};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::{Shop, number, shop, start_import};
use crate::connecting::database::{count, texts};

const REPORTS: &str = "FINANCIAL_REPORTS";

/// A live account whose charges do not show what settled them, connected, with an empty import behind it.
pub(super) async fn unsettled(world: &World, spec: AccountSpec) -> Shop {
    let shop = shop(world, "Shop", spec.live()).await;
    for id in world.stripe.ledger(&shop.account).charge_ids {
        let hide = |charge: &mut Value| charge["balance_transaction"] = Value::Null;
        world.stripe.update_charge(&shop.account, &id, hide);
    }
    shop
}

/// Imports charges, which bring no fees, and reports; how the reports stand then.
pub(super) async fn report(world: &World, shop: &Shop) -> Value {
    import(world, shop, json!(["CHARGES", REPORTS])).await;
    standing(world, &shop.connection).await
}

/// Imports reports alone; how they stand then.
pub(super) async fn report_alone(world: &World, shop: &Shop) -> Value {
    import(world, shop, json!([REPORTS])).await;
    standing(world, &shop.connection).await
}

/// Imports these resources.
async fn import(world: &World, shop: &Shop, resources: Value) {
    let started = start_import(world, &shop.connection, json!({ "resources": resources })).await;
    assert_eq!(started["errors"], json!([]));
    let import = world.imported(&shop.connection).await;
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
}

/// How the reports of the latest import stand.
pub(super) async fn standing(world: &World, connection: &str) -> Value {
    let mut data = world.data(STANDING, json!({ "id": connection })).await;
    let resources = data["connection"]["latestImport"]["progress"]["resources"].take();
    let resources = resources.as_array().unwrap();
    resources
        .iter()
        .find(|one| one["resource"] == REPORTS)
        .unwrap()
        .clone()
}

pub(super) fn note(standing: &Value) -> &str {
    standing["note"]
        .as_str()
        .unwrap_or_else(|| panic!("nothing is said: {standing}"))
}

/// What settled each payment, as it is stored: charge, balance transaction, currency, fee, net.
pub(super) async fn settlements(world: &World) -> Vec<[String; 5]> {
    let columns = [
        "stripe_id",
        "balance_transaction_id",
        "settlement_currency",
        "CAST(fee_minor AS TEXT)",
        "CAST(net_minor AS TEXT)",
    ];
    let mut rows = texts(world, columns, "payments WHERE fee_minor IS NOT NULL").await;
    // Databases have orders of their own.
    rows.sort_unstable();
    rows
}

/// The same as the account's books have it.
pub(super) fn books(world: &World, shop: &Shop) -> Vec<[String; 5]> {
    let ids = world.stripe.ledger(&shop.account).balance_transaction_ids;
    let read = |id: &String| {
        world
            .stripe
            .object(&shop.account, Resource::BalanceTransaction, id)
    };
    let settles = |transaction: &Value| transaction["reporting_category"] == "charge";
    let row = |it: Value| {
        let text = |field: &str| it[field].as_str().unwrap().to_owned();
        [
            text("source"),
            text("id"),
            text("currency"),
            it["fee"].to_string(),
            it["net"].to_string(),
        ]
    };
    let mut rows: Vec<_> = ids
        .iter()
        .filter_map(read)
        .filter(settles)
        .map(row)
        .collect();
    rows.sort_unstable();
    rows
}

/// Requests that asked for a run.
pub(super) fn orders(world: &World) -> Vec<sandbox::RequestRecord> {
    let mut requests = world.stripe.requests();
    requests.retain(|one| one.method == "POST" && one.path == "/v1/reporting/report_runs");
    requests
}

on_every_backend! {
    async fn fees_are_filled_in(world: &World) {
        let shop = unsettled(world, AccountSpec::with_payments(700)).await;
        world.stripe.clear_requests();

        let before = report(world, &shop).await;

        let books = books(world, &shop);

        assert!(books.len() > 500, "{} settlements show little", books.len());
        assert_eq!(settlements(world).await, books);
        let words = note(&before);
        assert!(words.contains("balance_change_from_activity.itemized.6"), "{words}");
        assert!(words.contains(&format!("the fees of {} payments.", books.len())), "{words}");
        let ledger = world.stripe.ledger(&shop.account).balance_transaction_ids;
        let stored = texts(world, ["stripe_id"], "balance_transactions").await.concat();
        assert_eq!(stored.into_iter().collect::<BTreeSet<_>>(), ledger);
        let orders = orders(world);
        assert_eq!(orders.len(), 1, "{orders:?}");
        assert!(orders[0].idempotency_key.is_some());

        let again = report_alone(world, &shop).await;

        let words = note(&again);
        assert!(words.contains("the fees of 0 payments."), "{words}");
        assert_eq!(count(world, "stripe_objects WHERE kind = 'reporting.report_type'").await, 5);
        assert_eq!(count(world, "stripe_objects WHERE kind = 'reporting.report_run'").await, 2);
        assert!(number(&again["importedObjects"]) > 700);
    }

    async fn currencies_without_decimals_are_exact(world: &World) {
        let shop = unsettled(world, AccountSpec::with_payments(60).country("JP")).await;

        report(world, &shop).await;

        let books = books(world, &shop);
        assert!(books.len() > 30 && books.iter().all(|row| row[2] == "jpy"), "{books:?}");
        assert_eq!(settlements(world).await, books);
    }

    async fn currencies_with_three_decimals_are_exact(world: &World) {
        let shop = unsettled(world, AccountSpec::with_payments(60).country("KW")).await;

        report(world, &shop).await;

        let books = books(world, &shop);
        assert!(books.iter().all(|row| row[2] == "kwd"), "{books:?}");
        assert_eq!(settlements(world).await, books);
    }

    async fn what_is_known_is_compared_and_left_as_it_is(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(80).live()).await;
        import(world, &shop, json!(["CHARGES"])).await;
        let before = settlements(world).await;
        for row in &before[..2] {
            let change = |it: &mut Value| {
                it["fee"] = json!(it["fee"].as_i64().unwrap() + 1);
                it["net"] = json!(it["net"].as_i64().unwrap() - 1);
            };
            world.stripe.update(&shop.account, Resource::BalanceTransaction, &row[1], change);
        }

        let standing = report_alone(world, &shop).await;

        assert_eq!(settlements(world).await, before);
        let words = note(&standing);
        assert!(words.contains("2 lines with other amounts than are known changed nothing"), "{words}");
    }

    async fn only_the_chosen_span_is_asked_for(world: &World) {
        let shop = unsettled(world, AccountSpec::with_payments(60)).await;
        let span = json!({
            "createdAt": { "gte": "2025-01-01T00:00:00Z", "lt": "2025-07-01T00:00:00Z" }, "resources": [REPORTS],
        });

        start_import(world, &shop.connection, span).await;
        world.imported(&shop.connection).await;

        let run = world.stripe.report_runs(&shop.account).pop().unwrap();
        assert_eq!(run["parameters"]["interval_start"], 1_735_689_600);
        assert_eq!(run["parameters"]["interval_end"], 1_751_328_000);
    }

    async fn an_answer_that_was_lost_makes_no_second_run(world: &World) {
        let shop = unsettled(world, AccountSpec::with_payments(30)).await;
        let runs = world.stripe.report_runs(&shop.account).len();
        // The list of runs is read first; then the run is asked for, and the answer is lost.
        let every_second = Rule::every(2, Fault::ConnectionReset).on("/v1/reporting/report_runs");
        world.stripe.faults().inject(every_second);

        report(world, &shop).await;

        assert_eq!(world.stripe.report_runs(&shop.account).len(), runs + 1);
        let keys: Vec<_> = orders(world).into_iter().map(|one| one.idempotency_key).collect();
        assert!(keys.len() > 1 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        assert_eq!(settlements(world).await, books(world, &shop));
    }

    async fn without_the_permission_reports_are_left_out(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(5).live());
        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        world.stripe.grant(&key, Grants::AllBut(vec![Permission::ReportRead]));
        let shop = Shop { account, key, connection };

        let standing = report(world, &shop).await;

        assert_eq!(standing["status"], "CANCELED");
        assert!(note(&standing).contains("grant"), "{standing}");
    }
}

const STANDING: &str = "
    query Standing($id: ID!) {
      connection(id: $id) {
        latestImport { progress { resources { resource status importedObjects note } } }
      }
    }";
