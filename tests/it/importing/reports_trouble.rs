//! Financial reports that cannot be had: it is said, and the import succeeds.

use std::time::Duration;

use chrono::TimeDelta;
use sandbox::{AccountSpec, Grants, Options, ReportConduct, Sandbox};
use serde_json::json;
use tests::{Backend, World, on_every_backend};

use super::reports::{books, note, orders, report, settlements, standing, unsettled};
use super::support::{Client, start_import};
use crate::connecting::database::{count, texts};

/// What takes longer has gone wrong.
const PATIENCE: Duration = Duration::from_mins(1);

on_every_backend! {
    async fn whatever_is_wrong_with_a_report_is_said(world: &World) {
        let shop = unsettled(world, AccountSpec::with_payments(20)).await;
        let elsewhere = Sandbox::start(Options::default()).await.unwrap();
        let file = format!("{}/v1/files/file_1/contents", elsewhere.url());
        for (conduct, words) in [
            (ReportConduct::Fails, "could not run"),
            (ReportConduct::Refused, "did not give"),
            (ReportConduct::Without("fee"), "lacks fee"),
            (ReportConduct::Elsewhere(file), "not where Stripe keeps files"),
            (ReportConduct::Elsewhere("nowhere".to_owned()), "not where Stripe keeps files"),
        ] {
            world.stripe.conduct_reports(&shop.account, conduct.clone());

            let standing = report(world, &shop).await;

            assert!(note(&standing).contains(words), "{conduct:?}: {standing}");
            assert_eq!(standing["status"], "SUCCEEDED", "{conduct:?}");
        }
        assert_eq!(elsewhere.requests().len(), 0, "a key was sent elsewhere");
        assert!(settlements(world).await.is_empty());
    }

    async fn lines_that_cannot_be_read_are_set_aside_and_the_others_count(world: &World) {
        let shop = unsettled(world, AccountSpec::with_payments(60)).await;
        world.stripe.conduct_reports(&shop.account, ReportConduct::Malformed);

        let standing = report(world, &shop).await;

        let lines = world.stripe.ledger(&shop.account).balance_transaction_ids.len();
        let words = note(&standing);
        assert!(words.contains(&format!("{} lines could not be read", lines / 10)), "{words}");
        let aside = texts(world, ["stripe_id", "reason"], "quarantined_objects WHERE resource = 'financial_reports'");
        let aside = aside.await;
        assert_eq!(aside.len(), lines / 10);
        assert!(aside.iter().all(|[id, why]| id.starts_with("txn_") && why.starts_with("line ")), "{aside:?}");
        let (books, filled) = (books(world, &shop), settlements(world).await);
        assert!(filled.len() < books.len() && filled.iter().all(|row| books.contains(row)));
        assert!(filled.len() * 10 >= books.len() * 8, "{} of {}", filled.len(), books.len());
    }

    async fn test_mode_has_no_reports_and_says_so(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(5));
        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;

        let standing = standing(world, &connection).await;

        assert_eq!(standing["status"], "SUCCEEDED");
        assert!(note(&standing).contains("test mode has none"), "{standing}");
        assert_eq!(orders(world).len(), 0);
    }

    async fn a_report_that_takes_too_long_is_not_waited_for(world: &World) {
        let shop = unsettled(world, AccountSpec::with_payments(5)).await;
        world.stripe.conduct_reports(&shop.account, ReportConduct::Held);
        start_import(world, &shop.connection, json!({ "resources": ["FINANCIAL_REPORTS"] })).await;
        run_is_kept(world).await;

        world.clock.advance(TimeDelta::minutes(31));
        let import = world.imported(&shop.connection).await;

        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert!(note(&standing(world, &shop.connection).await).contains("half an hour"));
    }

    async fn a_span_without_data_needs_no_report(world: &World) {
        let shop = unsettled(world, AccountSpec::with_payments(5)).await;
        let span = json!({ "createdAt": { "lt": "2015-01-01T00:00:00Z" }, "resources": ["FINANCIAL_REPORTS"] });
        let before = orders(world).len();
        start_import(world, &shop.connection, span).await;
        world.imported(&shop.connection).await;

        assert!(note(&standing(world, &shop.connection).await).contains("no report data"));
        assert_eq!(orders(world).len(), before);
    }
}

/// Waits until it is stored which run was asked for, and when.
async fn run_is_kept(world: &World) {
    let kept = "import_windows WHERE cursor LIKE '%asked_at%' AND state <> 'done'";
    let looks = async {
        while count(world, kept).await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, looks).await;
    waited.expect("a run is asked for");
}

/// Killed while Stripe runs the report: whoever starts next looks at the same run.
async fn killed_while_waiting(backend: Backend) {
    let stripe = Sandbox::start(Options::default()).await.unwrap();
    let account = stripe.add_account(AccountSpec::with_payments(20).live());
    let key = stripe.create_key(&account, Grants::All);
    stripe.conduct_reports(&account, ReportConduct::Held);
    let settings = [
        ("INLET_IMPORT__LEASE_SECONDS", "1"),
        ("INLET_LOG__FILTER", "error"),
    ];
    let mut client = Client::new(&backend, &stripe, &settings);
    let mut program = client.start().await;
    client.connect(&program, &key).await;
    for _ in 0..3 {
        let asked = async {
            while stripe.report_runs(&account).is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asked)
            .await
            .expect("a run is asked for");
        program.kill().await;
        program = client.start().await;
    }

    stripe.conduct_reports(&account, ReportConduct::Prompt);
    let ended = async {
        loop {
            let import = client.import(&program).await;
            if import["status"] != "RUNNING" {
                return import;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let import = tokio::time::timeout(PATIENCE, ended)
        .await
        .expect("the import ends");

    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    assert_eq!(stripe.report_runs(&account).len(), 1);
    program.kill().await;
    backend.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_makes_no_second_run_on_sqlite() {
    killed_while_waiting(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_makes_no_second_run_on_postgres() {
    if let Some(backend) = Backend::shared().await {
        killed_while_waiting(backend).await;
    }
}
