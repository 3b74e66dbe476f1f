//! A worker that stood still for longer than its lease does no harm when it goes on.

use std::{process::Command, time::Duration};

use sandbox::{AccountSpec, Grants, Latency, Options, Sandbox};
use tests::{Backend, Program};

use super::super::support::{Client, assert_exactly_the_ledger, payments};

/// Sends a signal to a program that this test started.
fn signal(program: &Program, name: &str) {
    let id = program.id().to_string();
    assert!(
        Command::new("kill")
            .args([name, &id])
            .status()
            .unwrap()
            .success()
    );
}

async fn paused_past_its_lease(backend: Backend, others: bool) {
    let stripe = Sandbox::start(Options::default()).await.unwrap();
    let account = stripe.add_account(AccountSpec::with_payments(2_000));
    let key = stripe.create_key(&account, Grants::All);
    stripe
        .faults()
        .latency(Latency::fixed(Duration::from_millis(100)));
    let settings = [
        ("INLET_IMPORT__LEASE_SECONDS", "1"),
        ("INLET_LOG__FILTER", "error"),
    ];
    let mut client = Client::new(&backend, &stripe, &settings);
    let paused = client.start().await;
    client.connect(&paused, &key).await;
    while payments(&client.import(&paused).await) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    signal(&paused, "-STOP");
    let other = if others {
        Some(client.start().await)
    } else {
        None
    };
    tokio::time::sleep(Duration::from_secs(3)).await;
    signal(&paused, "-CONT");
    let mut import = client.import(&paused).await;
    while import["status"] == "RUNNING" {
        tokio::time::sleep(Duration::from_millis(100)).await;
        import = client.import(&paused).await;
    }

    let ledger = stripe.ledger(&account);
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    assert_eq!(payments(&import), 2_000);
    assert_exactly_the_ledger(&backend.database_url(), &ledger).await;
    paused.kill().await;
    if let Some(other) = other {
        other.kill().await;
    }
    backend.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sigstopped_worker_writes_nothing_after_another_took_over_on_postgres() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    paused_past_its_lease(backend, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sigstopped_program_goes_on_by_itself_on_sqlite() {
    paused_past_its_lease(Backend::embedded(), false).await;
}
