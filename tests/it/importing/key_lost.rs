//! A key that stops working ends the import at once, with words, and asks no more of Stripe.

use std::time::Duration;

use sandbox::{AccountSpec, Fault, Latency, Rule, Sandbox};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::{
    Shop, Tables, assert_exactly_the_ledger, payments, shop, some_payments, standing, start_import,
};

/// As many windows as run side by side; each of them, and who claims one just then, may learn of the refusal by itself.
const CONCURRENCY: usize = 8;

/// A window that looks for the oldest object asks so many questions side by side.
const QUESTIONS: usize = 3;

/// Imports, lets the key stop working halfway, and looks on until Stripe was left alone for a while.
async fn lose(world: &World, take_away: impl Fn(&Sandbox, &str)) -> (Shop, Value) {
    let shop = shop(world, "Shop", AccountSpec::with_payments(3_000)).await;
    world
        .stripe
        .faults()
        .latency(Latency::fixed(Duration::from_millis(50)));
    start_import(world, &shop.connection, json!({})).await;
    some_payments(world, &shop.connection).await;

    take_away(&world.stripe, &shop.key);
    let import = world.imported(&shop.connection).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let asked = world.asked().len();
    tokio::time::sleep(Duration::from_millis(1_500)).await;

    let requests = world.asked();
    let refused = requests
        .iter()
        .filter(|request| matches!(request.status, 401 | 403))
        .count();
    assert_eq!(requests.len(), asked, "Stripe is still asked");
    assert!(
        (1..=(QUESTIONS + 1) * CONCURRENCY).contains(&refused),
        "{refused} requests were refused"
    );
    let stored = Tables::open(&world.database_url())
        .await
        .ids("payments")
        .await;
    let imported = usize::try_from(payments(&import)).unwrap();
    assert!(imported > 0 && imported < 3_000);
    assert_eq!(stored.len(), imported, "what was imported stays");
    (shop, import)
}

fn assert_failed(import: &Value, code: &str, retryable: bool) {
    assert_eq!(import["status"], "FAILED", "{import:#}");
    assert_eq!(import["failure"]["code"], code);
    assert_eq!(import["failure"]["retryable"], retryable);
    assert!(import["failure"]["message"].as_str().unwrap().len() > 20);
    assert!(!import["finishedAt"].is_null());
    assert_eq!(import["progress"]["currentTrouble"], json!(null));
}

async fn assert_needs_action(world: &World, connection: &str, reason: &str) {
    let standing = standing(world, connection).await;
    assert_eq!(standing["status"], "ACTION_REQUIRED");
    assert_eq!(standing["statusReason"], reason);
    assert!(standing["statusMessage"].as_str().unwrap().len() > 20);
}

on_every_backend! {
    async fn a_revoked_key_fails_the_import_and_asks_for_another(world: &World) {
        let (shop, import) = lose(world, Sandbox::revoke_key).await;

        assert_failed(&import, "CREDENTIALS_INVALID", false);
        assert_needs_action(world, &shop.connection, "CREDENTIALS_INVALID").await;
    }

    async fn an_expired_key_fails_the_import_and_asks_for_another(world: &World) {
        let (shop, import) = lose(world, Sandbox::expire_key).await;

        assert_failed(&import, "CREDENTIALS_EXPIRED", false);
        assert_needs_action(world, &shop.connection, "CREDENTIALS_EXPIRED").await;
    }

    async fn a_key_for_other_addresses_fails_the_import_until_ours_is_allowed(world: &World) {
        let (shop, import) = lose(world, Sandbox::restrict_key_to_other_ips).await;
        assert_failed(&import, "IP_NOT_ALLOWED", true);
        assert_needs_action(world, &shop.connection, "CREDENTIALS_INVALID").await;

        world.stripe.restore_key(&shop.key);
        world.stripe.faults().clear();
        start_import(world, &shop.connection, json!({})).await;
        let again = world.imported(&shop.connection).await;

        assert_eq!(again["status"], "SUCCEEDED", "{again:#}");
        assert!(payments(&import) + payments(&again) >= 3_000, "it goes on where it stopped");
        let ledger = world.stripe.ledger(&shop.account);
        assert_exactly_the_ledger(&world.database_url(), &ledger).await;
        let standing = standing(world, &shop.connection).await;
        assert_eq!(standing["status"], "ACTIVE", "the key works again: {standing:#}");
        assert_eq!(standing["statusMessage"], json!(null));
    }

    async fn a_refusal_without_a_reason_fails_the_import_and_leaves_the_connection(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(600)).await;
        world.stripe.faults().inject(Rule::next(1, Fault::EmptyForbidden).on("/v1/refunds"));

        start_import(world, &shop.connection, json!({})).await;
        let failed = world.imported(&shop.connection).await;
        start_import(world, &shop.connection, json!({})).await;
        let again = world.imported(&shop.connection).await;

        assert_failed(&failed, "STRIPE_REFUSED", true);
        assert_eq!(standing(world, &shop.connection).await["status"], "ACTIVE");
        assert_eq!(again["status"], "SUCCEEDED", "{again:#}");
        let ledger = world.stripe.ledger(&shop.account);
        assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    }
}
