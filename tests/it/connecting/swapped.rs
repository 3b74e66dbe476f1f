//! Sealed keys in a place that is not theirs.

use sandbox::AccountSpec;
use serde_json::json;
use tests::{World, on_every_backend};

use super::{
    ask::{PATIENCE, reconnect, start_import},
    database::execute,
};

/// Starts an import that must fail because the key does not open; Stripe is not asked.
async fn cannot_open(world: &World, id: &str) {
    world.stripe.clear_requests();
    let started = start_import(world, id).await;
    assert_eq!(started["errors"], json!([]));
    let import = tokio::time::timeout(PATIENCE, world.imported(id)).await;
    let Ok(import) = import else {
        panic!("the import hangs: {:#}", world.latest_import(id).await)
    };
    assert_eq!(import["status"], "FAILED", "{import:#}");
    let message = import["failure"]["message"].as_str().unwrap();
    assert!(message.to_lowercase().contains("credentials"), "{message}");
    assert!(world.stripe.requests().is_empty(), "Stripe was asked with some key");
}

on_every_backend! {
    async fn a_key_that_was_moved_to_another_connection_is_not_used(world: &World) {
        let (_, one_key) = world.account(AccountSpec::with_payments(5));
        let (_, other_key) = world.account(AccountSpec::with_payments(5));
        let one = world.connect("One", &one_key).await;
        let other = world.connect("Other", &other_key).await;
        world.imported(&one).await;
        world.imported(&other).await;

        let swap = "UPDATE connections SET credential_sealed = (
            SELECT theirs.credential_sealed FROM connections theirs WHERE theirs.id <> connections.id)";
        assert_eq!(execute(world, swap).await, 2);
        cannot_open(world, &one).await;
        cannot_open(world, &other).await;

        let payload = reconnect(world, &one, "One", &one_key).await;
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(world.imported(&one).await["status"], "SUCCEEDED");
    }
}
