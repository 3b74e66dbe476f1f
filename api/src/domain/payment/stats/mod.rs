//! Sums over payments by interval, currency and what else they are grouped by: what a chart draws.

mod intervals;
mod rows;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{PaymentSearch, SearchError};
use crate::{
    domain::Gateway,
    ids::WorkspaceId,
    storage::{PaymentFilter, StatsColumn, StatsQuery, StorageError},
};

pub use intervals::{Bucket, Interval};
pub use rows::PaymentStatsRow;

/// At most so many intervals: hours of five months, or days of ten years.
const MOST_INTERVALS: usize = 4_000;

/// At most so many rows are told.
const MOST_ROWS: usize = 10_000;

/// At most so many groups are read of each source: a row can be made of several.
const MOST_GROUPS: u64 = 50_000;

/// Sums to find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatsSearch {
    /// Of which payments.
    pub payments: PaymentSearch,
    /// One row for each of these; one for all time where it is none.
    pub interval: Option<Interval>,
    /// And for each value of these.
    pub group_by: Vec<StatsColumn>,
    /// The IANA name of the zone in which intervals begin; UTC where it is none.
    pub time_zone: Option<String>,
    /// Count the tries of one payment intent once, by the last of them.
    pub retries_once: bool,
}

/// Why payments cannot be summed up so.
#[derive(Debug, thiserror::Error)]
pub enum StatsError {
    /// The filter makes no sense.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// There is no such zone.
    #[error(
        "`timeZone` must be the IANA name of a time zone, as it is written there, e.g. \"Europe/Berlin\" or \"UTC\"."
    )]
    UnknownZone,
    /// The span has too many intervals.
    #[error(
        "The span has more than {MOST_INTERVALS} intervals: narrow the filter's `createdAt`, or take a longer `interval`."
    )]
    TooManyIntervals,
    /// The answer would be too long.
    #[error(
        "The answer has more than {MOST_ROWS} rows: narrow the filter, group by less, or take a longer `interval`."
    )]
    TooManyRows,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Sums over the payments that a search finds, in the order of interval, currency and groups. Currencies are never
    /// added up. Intervals and groups without payments have no row.
    pub async fn payment_stats(
        &self,
        workspace: WorkspaceId,
        search: &StatsSearch,
    ) -> Result<Vec<PaymentStatsRow>, StatsError> {
        let zone = match &search.time_zone {
            Some(name) => name.parse::<Tz>().map_err(|_| StatsError::UnknownZone)?,
            None => Tz::UTC,
        };
        let filter = self.filter(workspace, &search.payments).await?;
        let there_are = self.store().find_payment_span(workspace).await?;
        let Some((from, until)) = there_are.and_then(|span| asked(&filter, span)) else {
            return Ok(Vec::new());
        };
        let buckets = match search.interval {
            Some(interval) => {
                let buckets = interval.buckets(zone, (from, until), MOST_INTERVALS);
                buckets.ok_or(StatsError::TooManyIntervals)?
            }
            None => Vec::new(),
        };
        let bounds = bounds(&buckets, from, until);
        let mut columns: Vec<StatsColumn> = Vec::new();
        for column in &search.group_by {
            if !columns.contains(column) {
                columns.push(*column);
            }
        }
        let query = StatsQuery {
            filter,
            columns,
            bounds,
            last_tries: search.retries_once,
            limit: MOST_GROUPS,
        };
        let groups = self.store().sum_payments(workspace, query).await?;
        if groups.len() as u64 > MOST_GROUPS {
            return Err(StatsError::TooManyRows);
        }
        let rows = rows::of(&groups, &buckets);
        if rows.len() > MOST_ROWS {
            return Err(StatsError::TooManyRows);
        }
        Ok(rows)
    }
}

/// From which second until before which one payments are asked for that there can be: Stripe's times are whole seconds.
fn asked(
    filter: &PaymentFilter,
    (oldest, newest): (DateTime<Utc>, DateTime<Utc>),
) -> Option<(i64, i64)> {
    let from = filter.created_from.map_or(i64::MIN, whole_second);
    let until = filter.created_until.map_or(i64::MAX, whole_second);
    let from = from.max(oldest.timestamp());
    let until = until.min(newest.timestamp() + 1);
    (from < until).then_some((from, until))
}

/// The first whole second that is not before a moment.
fn whole_second(moment: DateTime<Utc>) -> i64 {
    moment.timestamp() + i64::from(moment.timestamp_subsec_nanos() > 0)
}

/// Where the intervals meet, within the span: its own ends where it is not divided.
fn bounds(buckets: &[Bucket], from: i64, until: i64) -> Vec<i64> {
    let inner = buckets
        .iter()
        .skip(1)
        .map(|bucket| bucket.start.timestamp());
    [from].into_iter().chain(inner).chain([until]).collect()
}
