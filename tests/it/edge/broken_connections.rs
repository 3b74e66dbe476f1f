//! A database that ends its connections, as it does when it is started anew.

use futures_util::future::join_all;
use serde_json::json;
use tests::{Backend, World, WorldOptions};

use crate::connecting::database::execute;

const QUERY: &str = "{ payments(first: 1) { nodes { id } } connections { nodes { id } } viewer { workspace { id } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_go_on_when_every_connection_has_ended_on_postgres() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    let world = World::start(backend, WorldOptions::default()).await;
    let end_others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";

    for _ in 0..10 {
        // Several connections are in use a moment before.
        join_all((0..6).map(|_| world.data(QUERY, json!({})))).await;
        execute(&world, end_others).await;

        join_all((0..6).map(|_| world.data(QUERY, json!({})))).await;
    }
    world.end().await;
}
