//! The rounds of one backend.

use std::time::{Duration, Instant};

use api::{app::Role, storage::TaskKind};
use serde_json::json;
use tests::{Backend, Tables, World, WorldOptions};

use crate::shop::{Shop, settle};

/// How often each question is asked; the median is told.
const TIMES: usize = 5;

/// Questions, each as arguments of `paymentStats`.
const QUESTIONS: [(&str, &str); 7] = [
    ("all time", ""),
    (
        "months by brand",
        "(interval: MONTH, groupBy: [CARD_BRAND])",
    ),
    (
        "90 days by status",
        "(interval: DAY, groupBy: [STATUS], filter: { createdAt: { gte: \"2026-08-03T00:00:00Z\" } })",
    ),
    (
        "90 days of India by status",
        "(interval: DAY, timeZone: \"Asia/Kolkata\", groupBy: [STATUS], filter: { createdAt: { gte: \"2026-08-03T00:00:00Z\" } })",
    ),
    (
        "30 days by BIN",
        "(groupBy: [BIN], filter: { createdAt: { gte: \"2026-10-02T00:00:00Z\" } })",
    ),
    (
        "30 days, retries once",
        "(countRetriesOnce: true, filter: { createdAt: { gte: \"2026-10-02T00:00:00Z\" } })",
    ),
    ("all time by bank", "(groupBy: [ISSUER])"),
];

pub(crate) async fn run(name: &str, backend: Backend, payments: i64) {
    let options = WorldOptions {
        // Nothing is summed up until the bench says so.
        role: Some(Role::Api),
        ..WorldOptions::default()
    };
    let world = World::start(backend, options).await;
    let shop = Shop::connect(&world).await;
    println!("{name}, {payments} payments");

    let started = Instant::now();
    shop.fill(&world, payments).await;
    println!(
        "  written at {:.0} payments/s",
        rate(payments, started.elapsed())
    );
    settle(&world).await;

    let questions = questions();
    let mut from_payments = Vec::new();
    for (_, query) in &questions {
        from_payments.push(ask(&world, query).await);
    }
    let started = Instant::now();
    roll_up(&world, shop).await;
    let rollups = rows(&world, "payment_rollups").await;
    println!(
        "  summed up at {:.0} payments/s, {rollups} rows",
        rate(payments, started.elapsed())
    );
    settle(&world).await;

    for ((question, query), before) in questions.into_iter().zip(from_payments) {
        let after = ask(&world, &query).await;
        assert_eq!(after.1, before.1, "{question} has another answer");
        println!(
            "  {question}: {:.0} times as fast; {:.1} ms, from payments {:.1} ms",
            before.0.as_secs_f64() / after.0.as_secs_f64(),
            after.0.as_secs_f64() * 1e3,
            before.0.as_secs_f64() * 1e3
        );
    }
    world.end().await;
}

/// What is asked, by name.
fn questions() -> Vec<(&'static str, String)> {
    let stats = |(name, arguments): (&'static str, &str)| {
        let query = format!(
            "{{ paymentStats{arguments} {{ interval {{ start }} currency dimensions {{ value }} attempts succeeded failed refunds
               grossVolume {{ minorUnits }} refundedVolume {{ minorUnits }} fees {{ minorUnits currency }} }} }}"
        );
        (name, query)
    };
    let health =
        "{ connections { nodes { dataHealth { cardPayments withBin withIssuer awaitingFees } } } }";
    let health = ("data health", health.to_owned());
    QUESTIONS.into_iter().map(stats).chain([health]).collect()
}

async fn roll_up(world: &World, shop: Shop) {
    let task = shop.claim(world, TaskKind::RollUp).await;
    let gateway = &world.server.app.gateway;
    gateway.roll_up(&task).await.expect("a database");
    assert_eq!(rows(world, "rollup_marks").await, 0, "marks that are left");
}

async fn rows(world: &World, table: &str) -> usize {
    let tables = Tables::open(&world.database_url()).await;
    let count = tables.count(table).await;
    tables.close().await;
    count
}

/// The median time of a question, and its answer.
async fn ask(world: &World, query: &str) -> (Duration, serde_json::Value) {
    let mut times = Vec::new();
    let mut answer = serde_json::Value::Null;
    for _ in 0..TIMES {
        let started = Instant::now();
        answer = world.data(query, json!({})).await;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    (times[TIMES / 2], answer)
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^53")]
fn rate(payments: i64, took: Duration) -> f64 {
    payments as f64 / took.as_secs_f64()
}
