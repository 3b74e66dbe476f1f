//! The program is killed while it reads payouts' lists: each goes on where it stopped.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use sandbox::{AccountSpec, Act, Grants, Latency, Options, Resource, Sandbox};
use serde_json::json;
use tests::{Backend, Client, Program, Tables};

const SETTINGS: &[(&str, &str)] = &[
    ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "1000"),
    ("INLET_IMPORT__LEASE_SECONDS", "1"),
    ("INLET_SERVER__PUBLIC_URL", PUBLIC),
    ("INLET_LOG__FILTER", "error"),
];

const PUBLIC: &str = "http://inlet.test";

const KILLS: usize = 6;

/// The most charges that one page tells of.
const PAGE: usize = 100;

async fn start(client: &mut Client, stripe: &Sandbox) -> Program {
    let program = client.start().await;
    stripe.delivery().route(PUBLIC, &program.url);
    program
}

/// Three payouts over all that is settled, the last of them over most of it; the charges with their payouts.
fn pay_out(stripe: &Sandbox, account: &str) -> BTreeMap<String, String> {
    let ids = stripe.ledger(account).charge_ids.into_iter();
    let settled: Vec<_> = ids
        .filter_map(|id| {
            let charge = stripe.object(account, Resource::Charge, &id)?;
            Some((id, charge["balance_transaction"].as_str()?.to_owned()))
        })
        .collect();
    assert!(settled.len() > 900, "{} are too few", settled.len());
    let (small, large) = settled.split_at(150);
    let mut wanted = BTreeMap::new();
    for part in [&small[..50], &small[50..], large] {
        let change = |event: &str, id, change| {
            let event_type = event.to_owned();
            let act = Act::Change {
                resource: Resource::Payout,
                id,
                event_type,
                change,
            };
            stripe.act(account, act).unwrap().id
        };
        let begun = json!({ "automatic": true, "status": "pending", "reconciliation_status": "in_progress" });
        let payout = change("payout.created", None, begun);
        let entries: Vec<_> = part.iter().map(|(_, entry)| entry.clone()).collect();
        stripe.put_into_payout(account, &payout, &entries);
        let paid = json!({ "status": "paid", "reconciliation_status": "completed" });
        change("payout.paid", Some(payout.clone()), paid);
        wanted.extend(
            part.iter()
                .map(|(charge, _)| (charge.clone(), payout.clone())),
        );
    }
    wanted
}

async fn links_survive(backend: Backend, seed: u64) {
    let stripe = Sandbox::start(Options::default()).await.unwrap();
    let account = stripe.add_account(AccountSpec::with_payments(1_300).seed(seed));
    let key = stripe.create_key(&account, Grants::All);
    let mut dice = StdRng::seed_from_u64(seed);
    let mut client = Client::new(&backend, &stripe, SETTINGS);
    let mut program = start(&mut client, &stripe).await;
    client.connect(&program, &key).await;
    while client.import(&program).await["status"] != "SUCCEEDED" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let latency = Latency::fixed(Duration::from_millis(150));
    stripe
        .faults()
        .latency_on("/v1/balance_transactions", latency);
    stripe.clear_requests();
    let wanted = pay_out(&stripe, &account);
    stripe.delivery().settled().await;
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(dice.random_range(100..1_200))).await;
        program.kill().await;
        program = start(&mut client, &stripe).await;
    }
    let tables = Tables::open(&backend.database_url()).await;
    let open = "SELECT '' || count(*) FROM payout_links WHERE run_at IS NOT NULL";
    let pending = "SELECT '' || count(*) FROM inbox_events WHERE state = 'pending'";
    while tables.texts(pending).await[0] != "0" || tables.texts(open).await[0] != "0" {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    program.kill().await;

    let linked = "SELECT stripe_id || ' ' || payout_id FROM payments WHERE payout_id IS NOT NULL";
    let linked = tables.texts(linked).await;
    let linked: BTreeMap<_, _> = linked
        .iter()
        .map(|row| row.split_once(' ').unwrap())
        .map(|(charge, payout)| (charge.to_owned(), payout.to_owned()))
        .collect();
    assert_eq!(linked, wanted);
    tables.close().await;
    backend.end().await;
    let payouts: BTreeSet<&String> = wanted.values().collect();
    let is_wanted = |query: &str| {
        let mut payouts = payouts.iter();
        payouts.any(|payout| query.contains(&format!("payout={payout}")))
    };
    let asked = stripe.requests();
    let lists = asked
        .iter()
        .filter(|request| is_wanted(&request.query))
        .count();
    // Each page once, and what was on its way at a kill once more: at most one page of each list.
    let pages = 1 + 1 + (wanted.len() - 150).div_ceil(PAGE);
    assert!(
        (pages..=pages + 3 * KILLS).contains(&lists),
        "{lists} requests for {pages} pages"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payouts_lists_survive_on_sqlite() {
    links_survive(Backend::embedded(), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payouts_lists_survive_on_postgres() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    links_survive(backend, 2).await;
}
