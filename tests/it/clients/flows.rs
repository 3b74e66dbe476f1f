//! Queries, a mutation, and a whole import watched by subscription, with each client.

use std::time::Duration;

use sandbox::{AccountSpec, Latency};
use serde_json::Value;
use tests::{Backend, World, WorldOptions};

use super::run;

const PAYMENTS: usize = 400;

/// Connects an account with a client, which watches its import; another one that nobody connected is refused.
async fn follow(program: &str) {
    let world = World::start(Backend::embedded(), WorldOptions::default()).await;
    let (_, key) = world.account(AccountSpec::with_payments(PAYMENTS));
    let slow = Latency::fixed(Duration::from_millis(60));
    world.stripe.faults().latency_on("/v1/", slow);

    let told = run(program, &[&world.url(""), &world.token, "Shop", &key]).await;

    if let Some(told) = told {
        assert_eq!(told["workspace"], "default", "{told:#}");
        assert_eq!(told["payments"], PAYMENTS.to_string(), "{told:#}");
        assert_eq!(told["page"], 5, "{told:#}");
        let seen = told["seen"].as_array().unwrap();
        assert!(seen.len() > 2, "the import was not watched: {told:#}");
        assert!(seen.is_sorted_by_key(sequence), "{told:#}");
        let end = &seen[seen.len() - 1];
        assert_eq!(end["status"], "SUCCEEDED", "{told:#}");
        // Whole numbers have no point in JavaScript.
        assert_eq!(end["percentComplete"].as_f64(), Some(100.0), "{told:#}");
        assert_eq!(end["importedPayments"], PAYMENTS.to_string(), "{told:#}");
        let refused = told["refused"].as_str().unwrap_or_default();
        assert!(refused.contains("There is no such connection"), "{told:#}");
    }
    world.end().await;
}

fn sequence(progress: &Value) -> u64 {
    progress["sequence"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn apollo_client_over_http_and_multipart() {
    follow("apollo.mjs").await;
}

#[tokio::test]
async fn urql_over_http_and_server_sent_events() {
    follow("urql.mjs").await;
}

#[tokio::test]
async fn graphql_ws_over_a_socket() {
    follow("graphql-ws.mjs").await;
}

#[tokio::test]
async fn graphql_sse_over_server_sent_events() {
    follow("graphql-sse.mjs").await;
}

#[tokio::test]
async fn gql_for_python_over_http_and_a_socket() {
    follow("gql_client.py").await;
}
