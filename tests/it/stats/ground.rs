//! Two connections of a workspace to empty accounts, whose rows tests write themselves.

use std::{sync::Arc, time::Duration};

use api::{
    ids::{ConnectionId, PaymentId, WorkspaceId},
    storage::{
        Claim, DisputeRow, PageRows, PaymentColumns, PaymentFilter, ReadPayment, RefundRow,
        TaskKind, TaskRow,
    },
};
use chrono::{TimeDelta, Utc};
use sandbox::AccountSpec;
use tests::{World, ids};
use uuid::Uuid;

/// The workspace, its connections, and a task of each to write rows under.
pub(super) struct Ground<'a> {
    pub(super) world: &'a World,
    pub(super) workspace: WorkspaceId,
    pub(super) connections: Vec<ConnectionId>,
    tasks: Vec<TaskRow>,
}

/// Everything that is stored.
pub(super) struct Stored {
    pub(super) payments: Vec<Arc<ReadPayment>>,
    pub(super) refunds: Vec<RefundRow>,
    pub(super) disputes: Vec<DisputeRow>,
}

impl<'a> Ground<'a> {
    pub(super) async fn lay(world: &'a World) -> Self {
        let store = world.server.app.gateway.store();
        let workspace = store.find_workspace_by_name("default").await.unwrap();
        let mut ground = Self {
            world,
            workspace: WorkspaceId(workspace.unwrap().id),
            connections: Vec::new(),
            tasks: Vec::new(),
        };
        for name in ["One", "Two"] {
            let (_, key) = world.account(AccountSpec::default());
            let node = world.connect(name, &key).await;
            assert_eq!(world.imported(&node).await["status"], "SUCCEEDED");
            let id = connection_id(&node);
            // Nothing of an empty account is in a payout: nobody else wants this task.
            let task = ground.claim(id, TaskKind::Payouts).await;
            ground.tasks.push(task.expect("a task that nobody wants"));
            ground.connections.push(id);
        }
        ground
    }

    async fn claim(&self, connection: ConnectionId, kind: TaskKind) -> Option<TaskRow> {
        let now = self.world.server.app.gateway.clock().now();
        let claim = Claim {
            owner: ids().next(),
            now,
            until: now + TimeDelta::days(1),
        };
        let store = self.world.server.app.gateway.store();
        let claimed = store.claim_task(self.workspace, connection, kind, claim);
        claimed.await.unwrap()
    }

    /// Writes rows of a connection, as a page or a batch of events does.
    pub(super) async fn write(&self, connection: usize, rows: PageRows) {
        let store = self.world.server.app.gateway.store();
        store
            .write_rows(&self.tasks[connection], rows)
            .await
            .unwrap();
    }

    /// Sums up what has changed of a connection, unless the gateway is at it.
    pub(super) async fn roll_up(&self, connection: usize) {
        let gateway = &self.world.server.app.gateway;
        let id = self.connections[connection];
        if let Some(task) = self.claim(id, TaskKind::RollUp).await {
            gateway.roll_up(&task).await.unwrap();
            let now = gateway.clock().now();
            gateway.store().finish_task(&task, None, now).await.unwrap();
        }
    }

    /// Sums up until nothing is marked any more.
    pub(super) async fn roll_all_up(&self) {
        let marked = async || count(self.world, "rollup_marks").await > 0;
        let rolling = async {
            while marked().await {
                for connection in 0..self.connections.len() {
                    self.roll_up(connection).await;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), rolling)
            .await
            .expect("marks that go");
    }

    /// All rows as they are.
    pub(super) async fn stored(&self) -> Stored {
        let store = self.world.server.app.gateway.store();
        let everything = PaymentFilter::default();
        let payments = store
            .find_payments_that(self.workspace, &everything, PaymentColumns::ALL)
            .await
            .unwrap();
        let ids: Vec<_> = payments.iter().map(|row| PaymentId(row.id)).collect();
        Stored {
            refunds: store.list_refunds_of(self.workspace, &ids).await.unwrap(),
            disputes: store.list_disputes_of(self.workspace, &ids).await.unwrap(),
            payments,
        }
    }
}

/// The key of a connection's node.
pub(crate) fn connection_id(node: &str) -> ConnectionId {
    ConnectionId(Uuid::try_parse(node.strip_prefix("con_").unwrap()).unwrap())
}

/// How many rows a table has.
pub(super) async fn count(world: &World, table: &str) -> usize {
    let tables = tests::Tables::open(&world.database_url()).await;
    let count = tables.count(table).await;
    tables.close().await;
    count
}

/// A second of the year 2025 or so.
pub(crate) fn at(second: i64) -> chrono::DateTime<Utc> {
    chrono::DateTime::from_timestamp(second, 0).unwrap()
}
