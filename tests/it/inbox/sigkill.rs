//! The program is killed while events arrive and are applied: what was acknowledged is there, and applied once.

use std::{collections::BTreeSet, time::Duration};

use rand::{Rng, SeedableRng, rngs::StdRng};
use sandbox::{AccountSpec, Grants, Options, Retries, Sandbox, TrafficSpec};
use tests::{Backend, Client, Program, Tables, assert_payments_of_the_ledger};

const EVENTS: usize = 10_000;

const KILLS: usize = 8;

const SETTINGS: &[(&str, &str)] = &[
    ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "1000"),
    ("INLET_IMPORT__ENDPOINT_REQUESTS_PER_SECOND", "1000"),
    ("INLET_IMPORT__LEASE_SECONDS", "1"),
    ("INLET_SERVER__PUBLIC_URL", PUBLIC),
    ("INLET_LOG__FILTER", "error"),
];

const PUBLIC: &str = "http://inlet.test";

/// Starts the program; what Stripe sends arrives there from now on.
async fn start(client: &mut Client, stripe: &Sandbox) -> Program {
    let program = client.start().await;
    stripe.delivery().route(PUBLIC, &program.url);
    program
}

async fn events_survive(backend: Backend, seed: u64) {
    let stripe = Sandbox::start(Options::default()).await.unwrap();
    let account = stripe.add_account(AccountSpec::with_payments(20).seed(seed));
    let key = stripe.create_key(&account, Grants::All);
    stripe.delivery().retries(Retries {
        tries: 100_000,
        longest: Duration::from_millis(500),
        ..Retries::default()
    });
    let mut dice = StdRng::seed_from_u64(seed);
    let mut client = Client::new(&backend, &stripe, SETTINGS);
    let mut program = start(&mut client, &stripe).await;
    client.connect(&program, &key).await;

    let made = stripe.traffic(
        &account,
        TrafficSpec {
            events: EVENTS,
            seed,
            ..TrafficSpec::default()
        },
    );
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(dice.random_range(100..1_500))).await;
        program.kill().await;
        program = start(&mut client, &stripe).await;
    }
    stripe.delivery().settled().await;
    // Killed once more, right after the last acknowledgement.
    program.kill().await;
    let acknowledged: BTreeSet<_> = stripe
        .delivery()
        .attempts()
        .into_iter()
        .filter(|attempt| attempt.status == 200)
        .map(|attempt| attempt.event)
        .collect();
    assert!(
        acknowledged.len() >= EVENTS,
        "{} acknowledged",
        acknowledged.len()
    );
    assert!(made.events.len() >= EVENTS);
    let tables = Tables::open(&backend.database_url()).await;
    let stored = tables.ids("inbox_events").await;
    let lost: Vec<_> = acknowledged.difference(&stored).take(5).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");

    let program = start(&mut client, &stripe).await;
    let open = "SELECT '' || count(*) FROM inbox_events WHERE state = 'pending'";
    while tables.texts(open).await[0] != "0" {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    program.kill().await;

    let dead = "SELECT stripe_id || ' ' || reason FROM inbox_events WHERE state = 'dead'";
    assert_eq!(tables.texts(dead).await, Vec::<String>::new());
    tables.0.close().await.unwrap();
    assert_payments_of_the_ledger(&backend.database_url(), &stripe.ledger(&account)).await;
    backend.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_acknowledged_events_survive_on_sqlite() {
    events_survive(Backend::embedded(), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_acknowledged_events_survive_on_postgres() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    events_survive(backend, 2).await;
}
