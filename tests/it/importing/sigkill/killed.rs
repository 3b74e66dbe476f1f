//! The program is killed at any moment and started again: nothing is lost, nothing counts twice.

use std::time::Duration;

use rand::{Rng, SeedableRng, rngs::StdRng};
use sandbox::{AccountSpec, Grants, Latency, Ledger, Options, Sandbox};
use serde_json::Value;
use tests::{Backend, Program};

use super::super::support::{Client, assert_exactly_the_ledger, imported_objects, number};

const KILLS: usize = 20;

const SETTINGS: &[(&str, &str)] = &[
    ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "25"),
    ("INLET_IMPORT__LEASE_SECONDS", "1"),
    ("INLET_LOG__FILTER", "error"),
];

/// Nothing that progress shows may go back, not even over a crash.
fn assert_goes_on(earlier: &Value, later: &Value) {
    let (before, after) = (&earlier["progress"], &later["progress"]);
    for field in ["sequence", "importedPayments", "importedObjects"] {
        assert!(
            number(&after[field]) >= number(&before[field]),
            "{field} went back:\n{earlier:#}\n{later:#}"
        );
    }
    let percent = |progress: &Value| progress["percentComplete"].as_f64().unwrap();
    assert!(
        percent(after) >= percent(before),
        "the percentage went back:\n{earlier:#}\n{later:#}"
    );
    assert_eq!(earlier["id"], later["id"]);
}

/// The counters count every object once.
fn assert_counts(import: &Value, ledger: &Ledger) {
    let counts = imported_objects(ledger);
    let progress = &import["progress"];
    for (name, count) in &counts {
        let resources = progress["resources"].as_array().unwrap();
        let resource = resources
            .iter()
            .find(|resource| resource["resource"] == *name)
            .unwrap();
        assert_eq!(
            number(&resource["importedObjects"]),
            i64::try_from(*count).unwrap(),
            "{name}"
        );
    }
    let all: usize = counts.values().sum();
    assert_eq!(
        number(&progress["importedObjects"]),
        i64::try_from(all).unwrap()
    );
    assert_eq!(
        number(&progress["importedPayments"]),
        i64::try_from(ledger.charge_ids.len()).unwrap()
    );
}

async fn imports_something(client: &Client, program: &Program, last: &Value) {
    let objects = |import: &Value| number(&import["progress"]["importedObjects"]);
    while objects(&client.import(program).await) == objects(last) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ended(client: &Client, program: &Program, mut last: Value) -> Value {
    while last["status"] == "RUNNING" {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let import = client.import(program).await;
        assert_goes_on(&last, &import);
        last = import;
    }
    last
}

async fn killed_again_and_again(backend: Backend, seed: u64) {
    let stripe = Sandbox::start(Options::default()).await.unwrap();
    let account = stripe.add_account(AccountSpec::with_payments(16_000).seed(seed));
    let key = stripe.create_key(&account, Grants::All);
    stripe.faults().latency(Latency::jittered(
        Duration::from_millis(20),
        Duration::from_millis(20),
    ));
    let mut dice = StdRng::seed_from_u64(seed);
    let mut client = Client::new(&backend, &stripe, SETTINGS);
    let mut program = client.start().await;
    client.connect(&program, &key).await;
    let mut last = client.import(&program).await;

    for kill in 0..KILLS {
        // A lease of the killed one stands for up to a second: some rounds end before it does. However slow the machine
        // is, every other round lives long enough to import something, and is killed some moment after that.
        let moment = if kill % 2 == 0 {
            dice.random_range(50..1_400)
        } else {
            imports_something(&client, &program, &last).await;
            dice.random_range(0..200)
        };
        tokio::time::sleep(Duration::from_millis(moment)).await;
        program.kill().await;
        program = client.start().await;
        let import = client.import(&program).await;
        assert_goes_on(&last, &import);
        assert_eq!(import["status"], "RUNNING", "kill {kill} came too late");
        last = import;
    }
    let halfway = number(&last["progress"]["importedObjects"]);
    let import = ended(&client, &program, last).await;
    program.kill().await;

    assert!(halfway > 0, "the kills left no time to import anything");
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    let ledger = stripe.ledger(&account);
    assert_counts(&import, &ledger);
    assert_exactly_the_ledger(&backend.database_url(), &ledger).await;
    backend.end().await;
}

/// How many imports are killed: one, or as many as whoever has more time asks for (`TEST_SIGKILL_IMPORTS`).
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test decides how long it takes"
)]
fn imports() -> u64 {
    let asked = std::env::var("TEST_SIGKILL_IMPORTS");
    asked.map_or(1, |text| text.parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_survives_twenty_sigkills_on_sqlite() {
    for import in 0..imports() {
        killed_again_and_again(Backend::embedded(), 2 * import + 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_survives_twenty_sigkills_on_postgres() {
    for import in 0..imports() {
        let Some(backend) = Backend::shared().await else {
            return;
        };
        killed_again_and_again(backend, 2 * import + 2).await;
    }
}
