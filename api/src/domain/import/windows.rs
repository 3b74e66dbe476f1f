//! Windows: how an import's history is divided.

use chrono::{DateTime, Datelike, Months, NaiveTime, TimeDelta, Timelike, Utc};

use super::Resource;
use crate::{
    domain::Gateway,
    ids::ImportId,
    storage::{ConnectionRow, ImportRow, ImportStatus, ImportTrigger, WindowRow, WindowState},
};

/// 1 January 2010: no Stripe account has anything older.
pub const FIRST_SECOND: i64 = 1_262_304_000;

/// At most so many windows for each resource at the start: enough for every slot, few enough for an empty account.
const MOST_WINDOWS: u32 = 24;

/// What an import is asked for.
pub(super) struct Plan<'a> {
    pub(super) trigger: ImportTrigger,
    pub(super) from: Option<DateTime<Utc>>,
    /// Only what was created before; none for everything until now.
    pub(super) to: Option<DateTime<Utc>>,
    pub(super) resources: &'a [Resource],
    pub(super) every_resource: bool,
}

impl Gateway {
    /// A queued import of everything until now.
    pub(in crate::domain) fn first_import(
        &self,
        connection: &ConnectionRow,
        trigger: ImportTrigger,
    ) -> (ImportRow, Vec<WindowRow>) {
        let plan = Plan {
            trigger,
            from: None,
            to: None,
            resources: Resource::importable(),
            every_resource: true,
        };
        self.lay_out(connection, &plan)
    }

    /// A queued import with one window a resource: the worker that claims it finds where history begins and divides
    /// it. A resource that is not granted is left out from the start.
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
        };
        let windows = plan.resources.iter().map(window).collect();
        (import, windows)
    }

    /// The windows that take the place of one without a start, now that history is known to begin at `oldest`.
    #[must_use]
    pub fn divided(&self, window: &WindowRow, oldest: DateTime<Utc>) -> Vec<WindowRow> {
        let spans = divide(oldest, window.to_at);
        let part = |(from, to)| WindowRow {
            id: self.ids().next(),
            state: WindowState::Pending,
            from_at: Some(from),
            to_at: to,
            covered_to: to,
            lease_owner: None,
            lease_until: None,
            fence: 0,
            ..window.clone()
        };
        spans.into_iter().map(part).collect()
    }

    /// The import that a window belongs to.
    #[must_use]
    pub fn import_of(window: &WindowRow) -> ImportId {
        ImportId(window.import_id)
    }
}

/// Where the only window of a resource without history begins; where history does is found out.
fn begin(resource: Resource, plan: &Plan<'_>) -> Option<DateTime<Utc>> {
    let first = DateTime::from_timestamp(FIRST_SECOND, 0).unwrap_or_default();
    (!resource.has_history()).then(|| plan.from.unwrap_or(first))
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

/// Divides `[from, to)` at the starts of months into at most 24 spans, newest first; months are joined where there
/// are more.
#[must_use]
pub fn divide(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let months =
        (to.year() - from.year()) * 12 + to.month().cast_signed() - from.month().cast_signed();
    let step = (months.max(0).cast_unsigned() / MOST_WINDOWS) + 1;
    let mut spans = Vec::new();
    let mut end = to;
    while end > from {
        let start = month_before(end, step).map_or(from, |start| start.max(from));
        spans.push((start, end));
        end = start;
    }
    spans
}

/// The start of the month that lies `step` starts of months before a time.
fn month_before(time: DateTime<Utc>, step: u32) -> Option<DateTime<Utc>> {
    let just_before = time - TimeDelta::microseconds(1);
    let month = just_before.date_naive().with_day(1)?;
    let start = month.checked_sub_months(Months::new(step - 1))?;
    Some(start.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_short_history_is_divided_at_months() {
        let spans = divide(at(1_700_000_000), at(1_706_000_000));
        let starts: Vec<_> = spans.iter().map(|(start, _)| start.to_rfc3339()).collect();

        assert_eq!(
            starts,
            [
                "2024-01-01T00:00:00+00:00",
                "2023-12-01T00:00:00+00:00",
                "2023-11-14T22:13:20+00:00"
            ]
        );
    }

    proptest! {
        #[test]
        fn spans_follow_each_other_without_gaps(
            from in FIRST_SECOND..2_000_000_000_i64,
            length in 1_i64..700_000_000,
        ) {
            let spans = divide(at(from), at(from + length));

            prop_assert!(spans.len() <= MOST_WINDOWS as usize + 1);
            prop_assert_eq!(spans.first().unwrap().1, at(from + length));
            prop_assert_eq!(spans.last().unwrap().0, at(from));
            for pair in spans.windows(2) {
                prop_assert_eq!(pair[0].0, pair[1].1);
            }
        }
    }
}
