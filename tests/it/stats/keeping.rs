//! What was summed up: that it is used, that it follows what changes, and that it goes with the payments.

use std::time::Duration;

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ground::{Ground, count},
    random_payments,
};
use crate::edge::Shop;

/// What has not come by now does not come.
const PATIENCE: Duration = Duration::from_mins(3);

async fn until(what: &str, mut met: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !met().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "{what}: it never came");
}

async fn attempts(world: &World, arguments: &str) -> i64 {
    let query = format!("{{ paymentStats{arguments} {{ attempts }} }}");
    let stats = world.data(&query, json!({})).await;
    let rows = stats["paymentStats"].as_array().unwrap();
    let attempts = |row: &Value| row["attempts"].as_str().unwrap().parse::<i64>().unwrap();
    rows.iter().map(attempts).sum()
}

async fn execute(world: &World, sql: &str) {
    use sea_orm::ConnectionTrait;
    world
        .database()
        .await
        .execute_unprepared(sql)
        .await
        .unwrap();
}

on_every_backend! {
    async fn sums_are_used_where_they_serve(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(400)).await;
        until("everything is summed up", async || count(world, "rollup_marks").await == 0).await;
        let before = attempts(world, "").await;

        // So it can be seen who reads them.
        execute(world, "UPDATE payment_rollups SET attempts = attempts + 1000").await;
        let rolled_up = ["", "(interval: MONTH)", "(groupBy: [STATUS, CARD_BRAND, CARD_COUNTRY, WALLET, CONNECTION])",
            "(interval: DAY, timeZone: \"Asia/Kolkata\")", "(filter: { cardFundings: [\"credit\"] })"];
        let counted = ["(groupBy: [BIN])", "(groupBy: [ISSUER])", "(groupBy: [DECLINE_CODE])", "(countRetriesOnce: true)",
            "(filter: { amount: { gte: \"0\" } })", "(filter: { refunded: false })"];

        assert_eq!(before, 400);
        for arguments in rolled_up {
            assert!(attempts(world, arguments).await > 1_000, "{arguments}");
        }
        for arguments in counted {
            assert!(attempts(world, arguments).await <= 400, "{arguments}");
        }
        drop(shop);
    }

    async fn what_was_summed_up_goes_with_the_payments(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(100)).await;
        let other = Shop::open(world, "Other", AccountSpec::with_payments(60).seed(2)).await;
        until("both are summed up", async || count(world, "rollup_marks").await == 0).await;
        let both = count(world, "payment_rollups").await;

        let query = "mutation($id: ID!) { disconnect(input: { connectionId: $id, deleteData: true }) { errors { message } } }";
        let payload = world.data(query, json!({ "id": shop.connection })).await;
        until("the payments go", async || count(world, "payments").await == 60).await;
        let right_after = attempts(world, "").await;
        until("the sums go", async || count(world, "rollup_marks").await == 0 && count(world, "payment_rollups").await < both).await;

        assert_eq!(payload["disconnect"]["errors"], json!([]));
        assert_eq!(right_after, 60);
        assert_eq!(attempts(world, "").await, 60);
        drop(other);
    }

    async fn a_live_payment_counts_at_once(world: &World) {
        let ground = Ground::lay(world).await;
        assert_eq!(attempts(world, "").await, 0);
        let mut dice = rand::SeedableRng::seed_from_u64(3);
        let rows = std::iter::repeat_with(|| random_payments::rows(&mut dice, ground.workspace, ground.connections[0]))
            .find(|rows| !rows.payments.is_empty()).unwrap();
        ground.write(0, rows).await;
        let payments = i64::try_from(count(world, "payments").await).unwrap();

        let marked = attempts(world, "").await;
        ground.roll_all_up().await;
        let summed_up = attempts(world, "").await;

        assert_eq!((marked, summed_up), (payments, payments));
    }
}
