//! Financial reports: types, runs, files.

use sandbox::{AccountSpec, ReportConduct};
use serde_json::Value;

use crate::support::{World, id, world, world_of};

const TYPE: &str = "balance_change_from_activity.itemized.6";
const RUNS: &str = "/v1/reporting/report_runs";

async fn live() -> World {
    world_of(AccountSpec::with_payments(40).live()).await
}

async fn run(world: &World, columns: &[&str]) -> (u16, Value) {
    let (_, kind) = world
        .get(&format!("/v1/reporting/report_types/{TYPE}"))
        .await;
    let from = kind["data_available_start"].to_string();
    let to = kind["data_available_end"].to_string();
    let mut form = vec![
        ("report_type", TYPE),
        ("parameters[interval_start]", &*from),
        ("parameters[interval_end]", &*to),
    ];
    form.extend(
        columns
            .iter()
            .map(|column| ("parameters[columns][]", *column)),
    );
    world.post(RUNS, &form).await
}

#[tokio::test]
async fn a_run_is_pending_then_has_the_ledger_as_its_file() {
    let world = live().await;

    let (status, asked) = run(&world, &["balance_transaction_id", "gross", "fee"]).await;
    let (_, seen) = world.get(&format!("{RUNS}/{}", id(&asked))).await;
    let url = seen["result"]["url"].as_str().unwrap();
    let path = url.strip_prefix(&world.sandbox.url()).unwrap();
    let file = world.response(path).await.text().await.unwrap();

    assert_eq!((status, &asked["status"]), (200, &Value::from("pending")));
    assert_eq!(seen["status"], "succeeded");
    let ledger = world.sandbox.ledger(&world.account).balance_transaction_ids;
    let mut lines = file.lines();
    assert_eq!(lines.next(), Some("balance_transaction_id,gross,fee"));
    assert_eq!(lines.clone().count(), ledger.len());
    assert!(lines.all(|line| {
        line.split_once(',')
            .is_some_and(|(id, _)| ledger.contains(id))
    }));
}

#[tokio::test]
async fn runs_go_as_they_are_told() {
    let world = live().await;
    let (_, asked) = run(&world, &[]).await;
    let path = format!("{RUNS}/{}", id(&asked));
    for (conduct, status) in [
        (ReportConduct::Held, "pending"),
        (ReportConduct::Fails, "failed"),
        (ReportConduct::Prompt, "succeeded"),
    ] {
        world.sandbox.conduct_reports(&world.account, conduct);
        assert_eq!(world.get(&path).await.1["status"], status);
    }

    world
        .sandbox
        .conduct_reports(&world.account, ReportConduct::Refused);
    assert_eq!(run(&world, &[]).await.0, 400);
    assert_eq!(run(&world, &["colour"]).await.0, 400);
    assert_eq!(world.all(RUNS, 1).await.len(), 1);
}

#[tokio::test]
async fn test_mode_has_no_reports_of_the_ledger() {
    let world = world(3).await;

    let (_, types) = world.get("/v1/reporting/report_types").await;
    let (status, _) = run(&world, &[]).await;

    assert_eq!(types["data"].as_array().unwrap().len(), 1);
    assert_eq!(status, 404);
}
