//! An import holds pages, not histories: its memory does not grow with what it imports.

use std::time::Duration;

use sandbox::{AccountSpec, Grants, Options, Resource, Sandbox};
use serde_json::json;
use tests::{Backend, Program};

use super::support::{Client, charge, payments};

const CHARGES: i64 = 8_000;

/// What each charge has that nobody keeps, in bytes: 240 MB in all, 3 MB a page.
const AROUND: usize = 30_000;

/// What the pages under way may take, in all the forms that they have on their way.
const ROOM: u64 = 120 * 1_024 * 1_024;

/// The most memory that a process has had, in bytes.
fn peak(program: &Program) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes * 1_024
}

async fn memory_does_not_grow_with_the_history(backend: Backend) {
    let stripe = Sandbox::start(Options::default()).await.unwrap();
    let account = stripe.add_account(AccountSpec::default());
    let key = stripe.create_key(&account, Grants::All);
    let around = "x".repeat(AROUND);
    for number in 0..CHARGES {
        let (id, created) = (format!("ch_{number}"), 1_700_000_000 + number * 600);
        let mut object = charge(&id, 100);
        object["created"] = json!(created);
        object["around"] = json!(around);
        stripe.insert_raw(&account, Resource::Charge, &id, created, object.to_string());
    }
    let settings = [
        ("INLET_LOG__FILTER", "error"),
        ("INLET_IMPORT__CONCURRENCY", "4"),
    ];
    let mut client = Client::new(&backend, &stripe, &settings);
    let program = client.start().await;
    let before = peak(&program);

    client.connect(&program, &key).await;
    let mut import = client.import(&program).await;
    while matches!(import["status"].as_str(), Some("QUEUED" | "RUNNING")) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        import = client.import(&program).await;
    }
    let grown = peak(&program) - before;

    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    assert_eq!(payments(&import), CHARGES);
    assert!(grown < ROOM, "it grew by {} MiB", grown / 1_024 / 1_024);
    program.kill().await;
    backend.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_does_not_grow_with_the_history_on_sqlite() {
    memory_does_not_grow_with_the_history(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_does_not_grow_with_the_history_on_postgres() {
    if let Some(backend) = Backend::shared().await {
        memory_does_not_grow_with_the_history(backend).await;
    }
}
