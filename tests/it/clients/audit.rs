//! The audits of the GraphQL over HTTP specification.

use serde_json::json;
use tests::{Backend, World, WorldOptions};

use super::run;

/// How many audits the suite has.
const AUDITS: u64 = 61;

#[tokio::test]
async fn every_audit_of_the_specification_is_passed_without_a_warning_or_a_notice() {
    let world = World::start(Backend::embedded(), WorldOptions::default()).await;

    if let Some(told) = run("audit.mjs", &[&world.url("/graphql"), &world.token]).await {
        assert_eq!(told["bad"], json!([]), "{told:#}");
        assert_eq!(told["audits"], AUDITS);
    }
    world.end().await;
}
