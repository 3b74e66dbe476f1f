//! A database that fails for a while costs an import time, and nothing else.

use std::time::Duration;

use sandbox::{AccountSpec, Latency};
use sea_orm::{ConnectionTrait, DbBackend, TransactionTrait};
use serde_json::json;
use tests::on_every_backend;

use super::support::{
    Tables, assert_exactly_the_ledger, payments, shop, some_payments, start_import,
};

/// Lets the writes that are on their way fail: PostgreSQL loses every connection in the middle of them, SQLite is
/// locked by somebody else for longer than a writer waits.
async fn fail_every_write(tables: &Tables) {
    let database = &tables.0;
    if database.get_database_backend() == DbBackend::Postgres {
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let lock = database.begin().await.unwrap();
        lock.execute_unprepared("LOCK TABLE payments IN EXCLUSIVE MODE")
            .await
            .unwrap();
        let waiting = "SELECT '' || count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while tables.texts(waiting).await[0] == "0" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        lock.execute_unprepared(others).await.unwrap();
        lock.rollback().await.unwrap();
    } else {
        database
            .execute_unprepared("BEGIN IMMEDIATE")
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_secs(12)).await;
        database.execute_unprepared("ROLLBACK").await.unwrap();
    }
}

on_every_backend! {
    async fn an_import_goes_on_after_the_database_failed(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(2_000)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(50)));
        let tables = Tables::open(&world.database_url()).await;
        start_import(world, &shop.connection, json!({})).await;
        some_payments(world, &shop.connection).await;

        fail_every_write(&tables).await;
        let import = world.imported(&shop.connection).await;

        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(payments(&import), 2_000);
        let ledger = world.stripe.ledger(&shop.account);
        assert_exactly_the_ledger(&world.database_url(), &ledger).await;
        tables.0.close().await.unwrap();
    }
}
