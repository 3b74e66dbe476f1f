//! Disconnecting with the wish that the data goes, too.

use sandbox::AccountSpec;
use serde_json::json;
use tests::{World, on_every_backend, totals};

use super::{
    ask::{connection, disconnect, reconnect, until},
    database::{count, execute},
};

const TABLES: [&str; 7] = [
    "payments",
    "refunds",
    "disputes",
    "balance_transactions",
    "stripe_objects",
    "stripe_references",
    "quarantined_objects",
];

/// The rows of every table that belong to the connection of a name.
async fn rows(world: &World, name: &str) -> Vec<i64> {
    let mut rows = Vec::new();
    for table in TABLES {
        let of = format!(
            "{table} WHERE connection_id = (SELECT id FROM connections WHERE name = '{name}')"
        );
        rows.push(count(world, &of).await);
    }
    rows
}

async fn purged(world: &World) {
    until("the deletion ends", async || {
        count(world, "connections WHERE purge_requested_at IS NOT NULL").await == 0
    })
    .await;
}

on_every_backend! {
    async fn all_data_of_the_connection_goes_and_that_of_others_stays(world: &World) {
        let (_, one_key) = world.account(AccountSpec::with_payments(250));
        let (_, other_key) = world.account(AccountSpec::with_payments(250).seed(2));
        let one = world.connect("One", &one_key).await;
        let other = world.connect("Other", &other_key).await;
        world.imported(&one).await;
        world.imported(&other).await;
        let (gone, kept) = (rows(world, "One").await, rows(world, "Other").await);
        let before = totals(world, &other).await;

        let payload = disconnect(world, &one, true).await;
        until("the payments go", async || totals(world, &one).await.1.is_empty()).await;
        purged(world).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["status"], "DISCONNECTED");
        assert!(gone.iter().sum::<i64>() > 500 && gone[..4].iter().all(|rows| *rows > 0), "{gone:?}");
        assert_eq!(rows(world, "One").await, [0; 7]);
        assert_eq!(rows(world, "Other").await, kept);
        assert_eq!(totals(world, &other).await, before);
        assert_eq!(connection(world, &one).await["name"], "One");
        assert_eq!(connection(world, &other).await["status"], "ACTIVE");
    }

    async fn data_can_be_deleted_after_disconnecting(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(50));
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;

        disconnect(world, &id, false).await;
        let kept = totals(world, &id).await.1.len();
        let payload = disconnect(world, &id, true).await;
        purged(world).await;

        assert_eq!(kept, 50);
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(rows(world, "Shop").await, [0; 7]);
    }

    async fn what_is_imported_after_connecting_again_is_not_deleted(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(2_000));
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;
        let before = totals(world, &id).await;
        disconnect(world, &id, false).await;
        // As after a crash between the wish and the deed: the deletion begins together with the import.
        let wish = "UPDATE connections SET purge_requested_at = updated_at";
        assert_eq!(execute(world, wish).await, 1);

        let payload = reconnect(world, &id, "Shop", &key).await;
        let import = world.imported(&id).await;
        purged(world).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["account"]["stripeId"], account);
        assert_eq!(import["status"], "SUCCEEDED");
        assert_eq!(totals(world, &id).await.1.len(), 2_000);
        assert_eq!(totals(world, &id).await, before);
    }
}
