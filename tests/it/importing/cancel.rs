//! Canceling stops an import at once; what was imported stays.

use std::time::Duration;

use sandbox::{AccountSpec, Latency};
use serde_json::json;
use tests::on_every_backend;

use super::support::{
    Tables, assert_exactly_the_ledger, cancel_import, payments, shop, some_payments, start_import,
};

/// The tables that a page writes to.
const WRITTEN: [&str; 6] = [
    "payments",
    "refunds",
    "disputes",
    "stripe_objects",
    "balance_transactions",
    "import_windows",
];

on_every_backend! {
    async fn no_page_is_written_after_the_answer(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(3_000)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(60)));
        // Nothing that is followed by more: lists of payouts are read whatever becomes of their import.
        let resources = ["CHARGES", "REFUNDS", "DISPUTES", "PAYMENT_INTENTS"];
        start_import(world, &shop.connection, json!({ "resources": resources })).await;
        let import = some_payments(world, &shop.connection).await;
        let tables = Tables::open(&world.database_url()).await;

        let payload = cancel_import(world, import["id"].as_str().unwrap()).await;
        let mut before = Vec::new();
        for table in WRITTEN {
            before.push(tables.rows(table, &[]).await);
        }
        let told = world.latest_import(&shop.connection).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let asked = world.asked().len();
        tokio::time::sleep(Duration::from_secs(1)).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["import"]["status"], "CANCELED");
        assert!(!payload["import"]["finishedAt"].is_null());
        for (table, before) in WRITTEN.into_iter().zip(before) {
            assert_eq!(tables.rows(table, &[]).await, before, "{table} was written to");
        }
        let later = world.latest_import(&shop.connection).await;
        assert_eq!(later, told);
        assert_eq!(tables.count("payments").await, usize::try_from(payments(&later)).unwrap());
        assert_eq!(world.asked().len(), asked, "Stripe is still asked");
    }

    async fn a_canceled_import_stays_canceled_and_the_next_one_imports_all(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(2_000)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(40)));
        start_import(world, &shop.connection, json!({})).await;
        let first = some_payments(world, &shop.connection).await;
        cancel_import(world, first["id"].as_str().unwrap()).await;
        let canceled = world.latest_import(&shop.connection).await;
        world.stripe.faults().clear();

        let payload = start_import(world, &shop.connection, json!({})).await;
        let import = world.imported(&shop.connection).await;
        let again = cancel_import(world, import["id"].as_str().unwrap()).await;
        let log = world.data(LOG, json!({ "id": shop.connection })).await;

        assert_eq!(payload["errors"], json!([]));
        assert_ne!(import["id"], first["id"]);
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(payments(&import), 2_000);
        assert_eq!(again["import"]["status"], "SUCCEEDED", "what has ended is not canceled");
        let older = &log["connection"]["imports"]["nodes"][1];
        assert_eq!(older["id"], first["id"]);
        assert_eq!(older["status"], "CANCELED");
        assert_eq!(older["progress"]["importedPayments"], canceled["progress"]["importedPayments"]);
        let ledger = world.stripe.ledger(&shop.account);
        assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    }

    async fn an_unknown_import_is_not_found(world: &World) {
        for id in ["imp_00000000000000000000000000000000", "con_00000000000000000000000000000000", "", "x"] {
            let payload = cancel_import(world, id).await;

            assert_eq!(payload["import"], json!(null), "{id:?}");
            assert_eq!(payload["errors"][0]["__typename"], "NotFoundError", "{id:?}");
        }
    }
}

const LOG: &str = "
    query Log($id: ID!) {
      connection(id: $id) {
        imports(first: 5) { nodes { id status progress { importedPayments } } }
      }
    }";
