//! An import whose windows lie in the year 2100, where no engine claims them: tests do, by hand.

use std::time::Duration;

use api::{
    domain::import::{PageOrigin, Resource},
    ids::{ConnectionId, ImportId, WorkspaceId},
    storage::{
        Claim, Division, ImportRow, ImportStatus, ImportTrigger, PageRows, Store, WindowRow,
        WindowState, WindowStep,
    },
    stripe::{ListPage, RawObject},
};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, ids};
use uuid::Uuid;

/// The import, and the database that it is in.
pub(in super::super) struct Queue {
    pub(in super::super) store: Store,
    pub(in super::super) workspace: WorkspaceId,
    pub(in super::super) connection: ConnectionId,
    pub(in super::super) import: ImportId,
}

impl Queue {
    /// An import of charges with so many planned windows, of a connection to an empty account.
    pub(in super::super) async fn of_windows(world: &World, count: usize) -> Self {
        let (_, key) = world.account(AccountSpec::default());
        let connection = world.connect(&ids().next().to_string(), &key).await;
        world.imported(&connection).await;
        let store = world.server.app.gateway.store().clone();
        let workspace = store
            .find_workspace_by_name("default")
            .await
            .unwrap()
            .unwrap();
        let hex = connection.strip_prefix("con_").unwrap();
        let queue = Self {
            store,
            workspace: WorkspaceId(workspace.id),
            connection: ConnectionId(Uuid::try_parse(hex).unwrap()),
            import: ImportId(ids().next()),
        };
        let windows = (0..count).map(|place| queue.window(place)).collect();
        queue
            .store
            .insert_import(queue.row(), windows)
            .await
            .unwrap();
        queue
    }

    /// A moment of the year 2100.
    pub(in super::super) fn at(seconds: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(4_102_444_800 + seconds, 0).unwrap()
    }

    /// A claim from a moment on, for ten seconds.
    pub(in super::super) fn claim(owner: Uuid, seconds: i64) -> Claim {
        Claim {
            owner,
            now: Self::at(seconds),
            until: Self::at(seconds + 10),
        }
    }

    /// Claims at most so many windows at a moment, for ten seconds.
    pub(in super::super) async fn take(
        &self,
        owner: Uuid,
        seconds: i64,
        limit: u64,
    ) -> Vec<WindowRow> {
        self.store
            .claim_windows(self.connection, Self::claim(owner, seconds), limit)
            .await
            .unwrap()
    }

    /// The import and its windows as they are now; the windows in the order of their ids.
    pub(in super::super) async fn now(&self) -> (ImportRow, Vec<WindowRow>) {
        let found = self
            .store
            .find_import_with_windows(self.workspace, self.import)
            .await
            .unwrap();
        let mut found = found.unwrap();
        found.windows.sort_by_key(|window| window.id);
        (found.import, found.windows)
    }

    /// The rows of a page of these charges, observed at a moment.
    pub(in super::super) fn page(&self, charges: &[Value], observed_at: DateTime<Utc>) -> PageRows {
        let read = |charge: &Value| RawObject::read(charge.to_string().into_bytes()).unwrap();
        let page = ListPage {
            objects: charges.iter().map(read).collect(),
            has_more: true,
            observed_at,
            request_id: None,
            took: Duration::ZERO,
        };
        let (workspace, connection) = (self.workspace, self.connection);
        Resource::Charges.records(
            PageOrigin {
                workspace,
                connection,
                observed_at,
            },
            &page,
        )
    }

    /// A step that leaves a window with more to do.
    pub(in super::super) fn more(cursor: &str) -> WindowStep {
        WindowStep::More {
            cursor: cursor.to_owned(),
            covered_to: Self::at(-60),
            division: None,
        }
    }

    /// The same, where the older part would become a window of its own.
    pub(in super::super) fn dividing(cursor: &str, older: Vec<WindowRow>) -> WindowStep {
        WindowStep::More {
            cursor: cursor.to_owned(),
            covered_to: Self::at(-60),
            division: Some(Division {
                older,
                enough: usize::MAX,
            }),
        }
    }

    fn row(&self) -> ImportRow {
        ImportRow {
            id: self.import.0,
            workspace_id: self.workspace.0,
            connection_id: self.connection.0,
            trigger: ImportTrigger::Requested,
            status: ImportStatus::Queued,
            from_at: None,
            to_at: Self::at(0),
            every_resource: false,
            sequence: 1,
            imported_payments: 0,
            imported_objects: 0,
            shown: None,
            trouble: None,
            failure_code: None,
            failure_message: None,
            failure_retryable: None,
            queued_at: Self::at(0),
            started_at: None,
            finished_at: None,
            updated_at: Self::at(0),
        }
    }

    fn window(&self, place: usize) -> WindowRow {
        let to = Self::at(0) - TimeDelta::hours(i64::try_from(place).unwrap());
        WindowRow {
            id: ids().next(),
            workspace_id: self.workspace.0,
            import_id: self.import.0,
            connection_id: self.connection.0,
            resource: "charges".to_owned(),
            rank: 0,
            state: WindowState::Pending,
            from_at: Some(to - TimeDelta::hours(1)),
            to_at: to,
            cursor: None,
            covered_to: to,
            imported_objects: 0,
            attempts: 0,
            run_at: Self::at(0),
            lease_owner: None,
            lease_until: None,
            fence: 0,
            note: None,
        }
    }
}

/// As little as a charge must have.
pub(in super::super) fn charge(id: &str, amount: i64) -> Value {
    json!({
        "id": id, "created": 1_700_000_000, "livemode": false, "status": "succeeded", "amount": amount,
        "amount_captured": amount, "amount_refunded": 0, "captured": true, "refunded": false,
        "paid": true, "currency": "eur", "disputed": false,
    })
}
