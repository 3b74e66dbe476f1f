//! PostgreSQL plans by the sizes of tables: they are looked at while an import makes them grow.

use std::time::Duration;

use sandbox::AccountSpec;
use serde_json::json;
use tests::{Backend, World, WorldOptions};

use super::support::{shop, start_import};
use crate::connecting::database::{count, execute};

/// What takes longer has gone wrong.
const PATIENCE: Duration = Duration::from_mins(1);

const LOOKED_AT: &str = "pg_stat_user_tables
    WHERE relname = 'payments' AND last_analyze IS NOT NULL AND n_live_tup >= 1000";

/// PostgreSQL's own daemon looks at grown tables too, once a minute: where it came first, there would be nothing to see.
const WITHOUT_DAEMON: &str = "ALTER TABLE payments SET (autovacuum_enabled = off)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_has_grown_is_looked_at_on_postgres() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    let world = World::start(backend, WorldOptions::default()).await;
    let shop = shop(&world, "Shop", AccountSpec::with_payments(1_600)).await;
    execute(&world, WITHOUT_DAEMON).await;
    assert_eq!(count(&world, LOOKED_AT).await, 0);

    start_import(
        &world,
        &shop.connection,
        json!({ "resources": ["CHARGES"] }),
    )
    .await;
    world.imported(&shop.connection).await;
    let looks = async {
        while count(&world, LOOKED_AT).await == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };

    let looked = tokio::time::timeout(PATIENCE, looks).await;
    looked.expect("the table is looked at");
    world.end().await;
}
