//! One Stripe account in one mode is one connection of a workspace.

use futures_util::future::join_all;
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::{connect_as, only_error, token_of},
    database::{count, execute, stored},
};

/// The payloads that connected, and those that did not.
fn parted(payloads: Vec<Value>) -> (Vec<Value>, Vec<Value>) {
    payloads
        .into_iter()
        .partition(|payload| payload["connection"].is_object())
}

/// Connects all pairs of name and key at once.
async fn race(world: &World, pairs: &[(String, String)]) -> (Vec<Value>, Vec<Value>) {
    parted(join_all(pairs.iter().map(|(name, key)| world.try_connect(name, key))).await)
}

async fn one_whole_connection(world: &World) {
    assert_eq!(count(world, "connections").await, 1);
    assert_eq!(count(world, "imports").await, 1);
    assert_eq!(
        count(world, "audit_log WHERE action = 'connection.connected'").await,
        1
    );
    let lost = "import_windows WHERE import_id NOT IN (SELECT id FROM imports)";
    assert_eq!(count(world, lost).await, 0);
}

on_every_backend! {
    async fn the_same_account_again_is_refused_with_the_connection_that_has_it(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(5));
        let another_key = world.stripe.create_key(&account, sandbox::Grants::All);
        let first = world.connect("Shop", &key).await;
        world.imported(&first).await;
        let before = stored(world).await;

        for key in [&key, &another_key] {
            let payload = world.try_connect("Shop again", key).await;
            let error = only_error(&payload);
            assert_eq!(error["__typename"], "AccountAlreadyConnectedError");
            assert_eq!(error["path"], json!(["input", "apiKey"]));
            assert_eq!(error["connection"]["id"], first);
        }

        assert_eq!(stored(world).await, before);
    }

    async fn of_ten_that_connect_an_account_at_once_one_wins(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(5));
        let pairs: Vec<_> = (0..10).map(|at| (format!("Shop {at}"), key.clone())).collect();

        let (won, lost) = race(world, &pairs).await;

        assert_eq!((won.len(), lost.len()), (1, 9));
        for payload in &lost {
            let error = only_error(payload);
            assert_eq!(error["__typename"], "AccountAlreadyConnectedError", "{error}");
            assert_eq!(error["connection"]["id"], won[0]["connection"]["id"]);
        }
        one_whole_connection(world).await;
        let id = won[0]["connection"]["id"].as_str().unwrap();
        assert_eq!(world.imported(id).await["progress"]["importedPayments"], "5");
    }

    async fn of_ten_that_take_a_name_at_once_one_wins(world: &World) {
        let key = || world.account(AccountSpec::default()).1;
        let pairs: Vec<_> = (0..10).map(|_| ("Shop".to_owned(), key())).collect();

        let (won, lost) = race(world, &pairs).await;

        assert_eq!((won.len(), lost.len()), (1, 9));
        for payload in &lost {
            let error = only_error(payload);
            assert_eq!(error["__typename"], "InvalidInputError", "{error}");
            assert_eq!(error["path"], json!(["input", "name"]));
        }
        one_whole_connection(world).await;
    }

    async fn another_workspace_may_connect_the_same_account(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(5));
        let other = token_of(world, "other").await;
        let mine = world.connect("Shop", &key).await;

        let theirs = connect_as(world, &other, "Shop", &key).await;

        assert_eq!(theirs["errors"], json!([]));
        assert_eq!(theirs["connection"]["account"]["stripeId"], account);
        let id = theirs["connection"]["id"].as_str().unwrap();
        assert_ne!(id, mine);
        let query = "query($id: ID!) { connections { nodes { id } } connection(id: $id) { id } }";
        let seen = world.data(query, json!({ "id": id })).await;
        assert_eq!(seen, json!({ "connections": { "nodes": [{ "id": mine }] }, "connection": null }));
    }

    async fn live_and_test_mode_of_an_account_are_two_connections(world: &World) {
        let (test_account, test_key) = world.account(AccountSpec::default());
        let (_, live_key) = world.account(AccountSpec::default().live());
        world.connect("Live", &live_key).await;
        // At Stripe both modes bear the same account id; in the sandbox they do not.
        let same = format!("UPDATE connections SET stripe_account_id = '{test_account}'");
        assert_eq!(execute(world, &same).await, 1);

        let payload = world.try_connect("Test", &test_key).await;
        let again = world.try_connect("Test again", &test_key).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["livemode"], false);
        let error = only_error(&again);
        assert_eq!(error["connection"]["id"], payload["connection"]["id"]);
    }
}
