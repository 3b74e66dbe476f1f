//! Sealed keys in a place that is not theirs.

use sandbox::AccountSpec;
use serde_json::json;
use tests::{World, on_every_backend};

use super::{
    ask::{PATIENCE, reconnect, start_import},
    database::{execute, is_sqlite, texts},
};

/// What is sealed, of One and of Other, in hexadecimal.
async fn sealed(world: &World) -> [[String; 1]; 2] {
    let column = if is_sqlite(world) {
        "hex(credential_sealed)"
    } else {
        "encode(credential_sealed, 'hex')"
    };
    texts(world, [column], "connections ORDER BY name")
        .await
        .try_into()
        .unwrap_or_default()
}

async fn seal(world: &World, name: &str, hex: &str) {
    let bytes = if is_sqlite(world) {
        format!("X'{hex}'")
    } else {
        format!("decode('{hex}', 'hex')")
    };
    let change =
        format!("UPDATE connections SET credential_sealed = {bytes} WHERE name = '{name}'");
    assert_eq!(execute(world, &change).await, 1);
}

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
    assert!(world.asked().is_empty(), "Stripe was asked with some key");
}

on_every_backend! {
    async fn a_key_that_was_moved_to_another_connection_is_not_used(world: &World) {
        let (_, one_key) = world.account(AccountSpec::with_payments(5));
        let (_, other_key) = world.account(AccountSpec::with_payments(5));
        let one = world.connect("One", &one_key).await;
        let other = world.connect("Other", &other_key).await;
        world.imported(&one).await;
        world.imported(&other).await;

        let [[one_sealed], [other_sealed]] = sealed(world).await;
        seal(world, "One", &other_sealed).await;
        seal(world, "Other", &one_sealed).await;
        assert_ne!(one_sealed, other_sealed);
        assert_eq!(sealed(world).await, [[other_sealed], [one_sealed]]);
        cannot_open(world, &one).await;
        cannot_open(world, &other).await;

        let payload = reconnect(world, &one, "One", &one_key).await;
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(world.imported(&one).await["status"], "SUCCEEDED");
    }
}
