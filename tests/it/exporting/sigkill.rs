//! The program is killed while it writes a file, and started again: the file is whole.

use std::{collections::BTreeSet, time::Duration};

use sandbox::{AccountSpec, Grants, Options, Sandbox};
use serde_json::{Value, json};
use tests::{Backend, Client, Program};

const SETTINGS: &[(&str, &str)] = &[
    ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "1000"),
    ("INLET_IMPORT__LEASE_SECONDS", "1"),
];

const PAYMENTS: usize = 8_000;

async fn export(client: &Client, program: &Program, id: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on PaymentExport { status rows expectedRows downloadUrl } } }";
    let mut data = client.data(program, query, json!({ "id": id })).await;
    data["node"].take()
}

fn rows(export: &Value) -> usize {
    export["rows"].as_str().unwrap().parse().unwrap()
}

/// Waits until more is written than was; the export.
async fn goes_on(client: &Client, program: &Program, id: &str, before: usize) -> Value {
    loop {
        let export = export(client, program, id).await;
        if rows(&export) > before {
            return export;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are clients of the gateway, not of Stripe"
)]
async fn fetched(client: &Client, url: &str) -> Vec<Value> {
    let answer = client.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn killed_again_and_again(backend: Backend) {
    let stripe = Sandbox::start(Options::default()).await.unwrap();
    let account = stripe.add_account(AccountSpec::with_payments(PAYMENTS));
    let key = stripe.create_key(&account, Grants::All);
    let mut client = Client::new(&backend, &stripe, SETTINGS);
    let mut program = client.start().await;
    client.connect(&program, &key).await;
    while client.import(&program).await["status"] != "SUCCEEDED" {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let order = "mutation { exportPayments(input: { format: JSONL }) { export { id } } }";
    let ordered = client.data(&program, order, json!({})).await;
    let id = ordered["exportPayments"]["export"]["id"]
        .as_str()
        .unwrap()
        .to_owned();

    let mut last = json!({ "rows": "0" });
    for kill in 0..3 {
        last = goes_on(&client, &program, &id, rows(&last)).await;
        program.kill().await;
        assert_eq!(last["status"], "RUNNING", "kill {kill} came too late");
        program = client.start_logged().await;
    }
    while last["status"] == "RUNNING" {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let now = export(&client, &program, &id).await;
        assert!(rows(&now) >= rows(&last), "{last} went back to {now}");
        last = now;
    }

    assert_eq!(last["status"], "READY", "{last}");
    let url = last["downloadUrl"].as_str().unwrap().to_owned();
    let url = url.replace(tests::PUBLIC_URL, &program.url);
    let lines = fetched(&client, &url).await;
    let ids: BTreeSet<_> = lines
        .iter()
        .map(|line| line["stripeId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(lines.len(), PAYMENTS);
    assert!(
        ids == stripe.ledger(&account).charge_ids,
        "the payments are not Stripe's"
    );
    let log = program.logged();
    assert!(log.contains("/exports/{id} answered 200"), "{log}");
    let (_, signature) = url.split_once("signature=").unwrap();
    assert!(!log.contains(signature), "a link is in the log");
    program.kill().await;
    backend.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_survives_sigkills_on_sqlite() {
    killed_again_and_again(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_survives_sigkills_on_postgres() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    killed_again_and_again(backend).await;
}
