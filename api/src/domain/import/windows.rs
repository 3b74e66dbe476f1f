//! Windows: how an import's history is divided.

use chrono::{DateTime, Timelike, Utc};

use super::Resource;
use crate::{
    domain::Gateway,
    ids::ImportId,
    storage::{
        ConnectionRow, ImportRow, ImportStatus, ImportTrigger, StorageError, WindowRow, WindowState,
    },
};

/// 1 January 2010: no Stripe account has anything older.
pub(super) const FIRST_SECOND: i64 = 1_262_304_000;

/// Where a window without a start begins: before the oldest object of any account.
#[must_use]
pub fn beginning() -> DateTime<Utc> {
    DateTime::from_timestamp(FIRST_SECOND, 0).unwrap_or_default()
}

/// What an import is asked for.
pub(in crate::domain) struct Plan<'a> {
    pub(super) trigger: ImportTrigger,
    pub(super) from: Option<DateTime<Utc>>,
    /// Only what was created before; none for everything until now.
    pub(super) to: Option<DateTime<Utc>>,
    pub(super) resources: &'a [Resource],
    pub(super) every_resource: bool,
}

impl Plan<'static> {
    /// Everything until now.
    pub(super) fn everything(trigger: ImportTrigger) -> Self {
        Self {
            trigger,
            from: None,
            to: None,
            resources: Resource::importable(),
            every_resource: true,
        }
    }
}

impl Gateway {
    /// A queued import of everything until now.
    pub(in crate::domain) fn first_import(
        &self,
        connection: &ConnectionRow,
        trigger: ImportTrigger,
    ) -> (ImportRow, Vec<WindowRow>) {
        self.lay_out(connection, &Plan::everything(trigger))
    }

    /// The import of a connection that is connected anew: it goes on where one that failed has stopped.
    pub(in crate::domain) async fn import_again(
        &self,
        connection: &ConnectionRow,
    ) -> Result<(ImportRow, Vec<WindowRow>), StorageError> {
        self.next_import(connection, &Plan::everything(ImportTrigger::Connected))
            .await
    }

    /// A queued import with one window a resource; a dense one is divided while it runs. A resource that is not
    /// granted is left out from the start.
    pub(super) fn lay_out(
        &self,
        connection: &ConnectionRow,
        plan: &Plan<'_>,
    ) -> (ImportRow, Vec<WindowRow>) {
        let now = self.clock().now();
        let to = plan
            .to
            .map_or(start_of_second(now), |to| to.min(start_of_second(now)));
        let import = ImportRow {
            id: self.ids().next(),
            workspace_id: connection.workspace_id,
            connection_id: connection.id,
            trigger: plan.trigger,
            status: ImportStatus::Queued,
            from_at: plan.from,
            to_at: to,
            every_resource: plan.every_resource,
            sequence: 1,
            imported_payments: 0,
            imported_objects: 0,
            shown: None,
            trouble: None,
            failure_code: None,
            failure_message: None,
            failure_retryable: None,
            queued_at: now,
            started_at: None,
            finished_at: None,
            updated_at: now,
        };
        let window = |resource: &Resource| WindowRow {
            id: self.ids().next(),
            workspace_id: connection.workspace_id,
            import_id: import.id,
            connection_id: connection.id,
            resource: resource.name().to_owned(),
            rank: resource.rank(),
            state: if resource.granted(connection) {
                WindowState::Pending
            } else {
                WindowState::Skipped
            },
            from_at: begin(*resource, plan),
            to_at: to,
            cursor: None,
            covered_to: to,
            imported_objects: 0,
            attempts: 0,
            run_at: now,
            lease_owner: None,
            lease_until: None,
            fence: 0,
            note: None,
        };
        let windows = plan.resources.iter().map(window).collect();
        (import, windows)
    }

    /// The window that takes over what a claimed one has not imported yet and lies from `from` until before `cut`.
    fn older_part(
        &self,
        window: &WindowRow,
        from: Option<DateTime<Utc>>,
        cut: DateTime<Utc>,
    ) -> WindowRow {
        WindowRow {
            id: self.ids().next(),
            state: WindowState::Pending,
            from_at: from,
            to_at: cut,
            covered_to: cut,
            cursor: None,
            imported_objects: 0,
            attempts: 0,
            run_at: self.clock().now(),
            lease_owner: None,
            lease_until: None,
            fence: 0,
            note: None,
            ..window.clone()
        }
    }

    /// The windows that take over what a claimed one has not imported yet, where it is cut at these times, the newest
    /// first.
    #[must_use]
    pub fn older_parts(&self, window: &WindowRow, cuts: &[DateTime<Utc>]) -> Vec<WindowRow> {
        let begins = cuts
            .iter()
            .skip(1)
            .copied()
            .map(Some)
            .chain([window.from_at]);
        let parts = cuts.iter().zip(begins);
        parts
            .map(|(cut, from)| self.older_part(window, from, *cut))
            .collect()
    }

    /// The import that a window belongs to.
    #[must_use]
    pub fn import_of(window: &WindowRow) -> ImportId {
        ImportId(window.import_id)
    }
}

/// Where a resource's first window begins; an open begin of a history is found out.
fn begin(resource: Resource, plan: &Plan<'_>) -> Option<DateTime<Utc>> {
    let all = (!resource.has_history()).then(beginning);
    plan.from.or(all)
}

/// Where an import of everything ends: a second that is not over yet could still get objects that nobody would see.
pub(super) fn start_of_second(now: DateTime<Utc>) -> DateTime<Utc> {
    now.with_nanosecond(0).unwrap_or(now)
}

/// The end of the span that an import was asked for; none where it was to reach until it was started.
#[must_use]
pub fn asked_end(import: &ImportRow) -> Option<DateTime<Utc>> {
    (import.to_at < start_of_second(import.queued_at)).then_some(import.to_at)
}
