//! A connected shop with a long history, which benches of reading share.

mod history;

use api::{
    ids::{ConnectionId, WorkspaceId},
    storage::{Claim, TaskKind, TaskRow},
};
use chrono::TimeDelta;
use rand::{SeedableRng, rngs::StdRng};
use sandbox::AccountSpec;
use sea_orm::ConnectionTrait;
use tests::{World, ids};

/// Payments of a statement.
const PAGE: i64 = 1_000;

/// A connection of the workspace "default".
#[derive(Clone, Copy)]
pub(crate) struct Shop {
    pub(crate) workspace: WorkspaceId,
    pub(crate) connection: ConnectionId,
}

impl Shop {
    /// Connects an account that has nothing.
    pub(crate) async fn connect(world: &World) -> Self {
        let (_, key) = world.account(AccountSpec::default());
        let node = world.connect("Shop", &key).await;
        let id = node.strip_prefix("con_").unwrap_or_default();
        let store = world.server.app.gateway.store();
        let workspace = store.find_workspace_by_name("default").await;
        let workspace = workspace.expect("a database").expect("a workspace");
        Self {
            workspace: WorkspaceId(workspace.id),
            connection: ConnectionId(id.parse().expect("a connection's id")),
        }
    }

    /// Takes a task of the connection for as long as the bench runs.
    pub(crate) async fn claim(self, world: &World, kind: TaskKind) -> TaskRow {
        let gateway = &world.server.app.gateway;
        let now = gateway.clock().now();
        let claim = Claim {
            owner: ids().next(),
            now,
            until: now + TimeDelta::days(1),
        };
        let store = gateway.store();
        let claimed = store.claim_task(self.workspace, self.connection, kind, claim);
        let claimed = claimed.await.expect("a database");
        claimed.expect("a task that nobody has")
    }

    /// Writes so many payments, as an import does.
    pub(crate) async fn fill(self, world: &World, payments: i64) {
        let task = self.claim(world, TaskKind::Payouts).await;
        let mut dice = StdRng::seed_from_u64(1);
        let mut first = 0;
        while first < payments {
            let numbers = first..payments.min(first + PAGE);
            let of = (self.workspace, self.connection);
            let page = history::page(&mut dice, of, numbers, payments);
            let store = world.server.app.gateway.store();
            store.write_rows(&task, page).await.expect("a database");
            first += PAGE;
        }
    }
}

/// Leaves the database as one is that has been in use for a while.
pub(crate) async fn settle(world: &World) {
    let statement = if world.database_url().starts_with("sqlite:") {
        "PRAGMA wal_checkpoint(TRUNCATE)"
    } else {
        "VACUUM ANALYZE"
    };
    let database = world.database().await;
    let settled = database.execute_unprepared(statement).await;
    settled.expect("a database");
}
