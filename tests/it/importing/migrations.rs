//! Every migration has its way back.

use std::time::Duration;

use api::{
    clock::{Clock, SystemClock},
    storage::{DatabaseOptions, Store, WorkspaceRow},
};
use migration::{Migrator, MigratorTrait};
use sandbox::AccountSpec;
use tests::{Backend, World, WorldOptions, ids};

use super::support::Tables;

async fn open(url: &str) -> Store {
    let options = DatabaseOptions {
        url: url.into(),
        max_connections: 4,
        acquire_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_mins(1),
    };
    Store::open(&options).await.unwrap()
}

/// Every table with its columns.
async fn schema(url: &str) -> Vec<(String, Vec<String>)> {
    let tables = Tables::open(url).await;
    let mut schema = Vec::new();
    for name in tables.names().await {
        let columns = tables.columns(&name).await;
        schema.push((name, columns));
    }
    tables.0.close().await.unwrap();
    schema
}

/// Takes all migrations back from a database that is in use and applies them again: it is empty, and works.
async fn down_and_up(backend: Backend) {
    let all = Migrator::migrations().len();
    let url = backend.database_url();
    let store = open(&url).await;
    let applied = store.migrate().await.unwrap();
    let row = WorkspaceRow {
        id: ids().next(),
        name: "Somebody's".to_owned(),
        created_at: SystemClock.now(),
    };
    store.insert_workspace(row).await.unwrap();
    let before = schema(&url).await;

    store
        .migrate_down(u32::try_from(all).unwrap())
        .await
        .unwrap();
    let without = schema(&url).await;
    let pending = store.pending_migrations().await.unwrap();
    let applied_again = store.migrate().await.unwrap();
    let workspaces = store.count_workspaces().await.unwrap();
    store.close().await.unwrap();

    let names: Vec<_> = without.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["seaql_migrations"]);
    assert_eq!((applied, pending, applied_again), (all, all, all));
    assert_eq!(schema(&url).await, before);
    assert_eq!(workspaces, 0);
    let world = World::start(backend, WorldOptions::default()).await;
    let (_, key) = world.account(AccountSpec::with_payments(100));
    let connection = world.connect("Shop", &key).await;
    assert_eq!(world.imported(&connection).await["status"], "SUCCEEDED");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_migrations_go_down_and_up_again_on_sqlite() {
    down_and_up(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_migrations_go_down_and_up_again_on_postgres() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    down_and_up(backend).await;
}
