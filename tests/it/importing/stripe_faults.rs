//! Whatever goes wrong with some requests, the import ends exactly right.

use std::time::Duration;

use sandbox::{AccountSpec, Fault, Rule};
use serde_json::json;
use tests::{World, on_every_backend, totals};

use super::support::{
    assert_exactly_the_ledger, imported_objects, number, settings, shop, start_import,
};

/// Imports a history while these faults strike, each of them at least `times` times.
async fn survives(world: &World, rules: Vec<Rule>, times: u64, counted: &[&str]) {
    let shop = shop(world, "Shop", AccountSpec::with_payments(1_500)).await;
    let faults = world.stripe.faults();
    for rule in rules {
        faults.inject(rule);
    }

    start_import(world, &shop.connection, json!({})).await;
    let import = world.imported(&shop.connection).await;
    let counts = faults.counts();
    faults.clear();
    let (_, ids) = totals(world, &shop.connection).await;

    let ledger = world.stripe.ledger(&shop.account);
    let objects: usize = imported_objects(&ledger).values().sum();
    let progress = &import["progress"];
    for name in counted {
        assert!(
            counts.get(*name) >= Some(&times),
            "{name} struck too seldom: {counts:?}"
        );
    }
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    assert_eq!(progress["currentTrouble"], json!(null));
    assert_eq!(number(&progress["importedPayments"]), 1_500);
    assert_eq!(
        number(&progress["importedObjects"]),
        i64::try_from(objects).unwrap()
    );
    assert_eq!(ids.len(), 1_500);
    assert_exactly_the_ledger(&world.database_url(), &ledger).await;
}

on_every_backend! {
    async fn an_import_survives_rate_limits_of_every_reason(world: &World) {
        let reasons = [
            "global-rate", "global-concurrency", "endpoint-rate", "endpoint-concurrency",
            "resource-specific", "a-reason-of-tomorrow",
        ];
        let rules = reasons.iter().map(|reason| Rule::every(40, Fault::rate_limited(reason)));

        survives(world, rules.collect(), 12, &["rate_limited"]).await;
    }

    async fn an_import_survives_locks(world: &World) {
        survives(world, vec![Rule::every(15, Fault::LockTimeout)], 4, &["lock_timeout"]).await;
    }

    async fn an_import_survives_server_errors(world: &World) {
        let rules = vec![
            Rule::every(17, Fault::ServerError),
            Rule::every(19, Fault::BadGateway),
            Rule::every(23, Fault::Unavailable),
        ];

        survives(world, rules, 2, &["server_error", "bad_gateway", "unavailable"]).await;
    }

    async fn an_import_survives_connections_that_are_reset(world: &World) {
        survives(world, vec![Rule::every(15, Fault::ConnectionReset)], 4, &["connection_reset"]).await;
    }

    async fn an_import_survives_answers_that_are_cut_off(world: &World) {
        survives(world, vec![Rule::every(15, Fault::TruncatedBody)], 4, &["truncated_body"]).await;
    }

    async fn an_import_survives_answers_that_are_not_json(world: &World) {
        survives(world, vec![Rule::every(15, Fault::InvalidJson)], 4, &["invalid_json"]).await;
    }

    #[options(settings(&[("INLET_STRIPE__REQUEST_TIMEOUT_SECONDS", "1")]))]
    async fn an_import_survives_answers_that_never_come(world: &World) {
        let stall = Fault::Stall { duration: Duration::from_secs(4) };

        survives(world, vec![Rule::every(15, stall)], 3, &["stall"]).await;
    }

    async fn an_import_survives_all_of_them_at_random(world: &World) {
        let faults = [
            Fault::rate_limited("endpoint-rate"), Fault::LockTimeout, Fault::ServerError, Fault::BadGateway,
            Fault::Unavailable, Fault::TruncatedBody, Fault::InvalidJson, Fault::ConnectionReset,
        ];
        // All look at the same throw of the dice, so each one has to leave room for the next.
        let share = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08];
        let rules = faults.into_iter().zip(share).map(|(fault, share)| Rule::chance(share, fault));

        survives(world, rules.collect(), 0, &[]).await;

        let struck: u64 = world.stripe.faults().counts().values().sum();
        assert!(struck >= 3, "{struck} faults show too little");
    }

    // The search for the begin of a history takes about ten requests: it must not start over at each failure.
    async fn an_import_survives_a_stripe_that_fails_every_seventh_request(world: &World) {
        survives(world, vec![Rule::every(7, Fault::Unavailable)], 10, &["unavailable"]).await;
    }
}
