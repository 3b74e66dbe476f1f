//! A database that is away: Stripe hears so at once and sends again; nothing is lost.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use sandbox::{Act, PaymentSpec, Retries};
use sea_orm::{ConnectionTrait, DbBackend, TransactionTrait};
use tests::{Tables, on_every_backend};

use super::support::{assert_like_stripe, event, live, settled};

on_every_backend! {
    async fn while_the_database_is_away_stripe_is_told_to_come_again(world: &World) {
        let live = live(world, "Shop", 5).await;
        world.stripe.delivery().retries(Retries { tries: 60, ..Retries::default() });
        let tables = Tables::open(&world.database_url()).await;
        // Nobody can write to the inbox: on PostgreSQL its table is locked, on SQLite the file is.
        let lock = if tables.0.get_database_backend() == DbBackend::Postgres {
            let lock = tables.0.begin().await.unwrap();
            lock.execute_unprepared("LOCK TABLE inbox_events IN EXCLUSIVE MODE").await.unwrap();
            Some(lock)
        } else {
            tables.0.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
            None
        };

        let asked = Instant::now();
        let body = event("evt_1", "charge.updated", &serde_json::json!({ "id": "ch_1", "object": "charge" }), 1)
            .to_string();
        let status = live.deliver(world, &body).await;
        let took = asked.elapsed();
        world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap();
        match lock {
            Some(lock) => lock.rollback().await.unwrap(),
            None => drop(tables.0.execute_unprepared("ROLLBACK").await.unwrap()),
        }
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(took < Duration::from_secs(2), "the answer took {took:?}");

        settled(world).await;
        assert_like_stripe(world, &live).await;
        tables.0.close().await.unwrap();
    }
}
