//! Which report to run, and for which span.

use chrono::{DateTime, Utc};

use crate::stripe::ReportType;

/// Reports of the ledger, line by line; the first that an account has is run. Stripe numbers their versions.
const WANTED: [&str; 2] = [
    "balance_change_from_activity.itemized.",
    "payout_reconciliation.itemized.",
];

/// The report to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The type's name.
    pub report_type: String,
    /// Whether its columns can be chosen.
    pub has_columns: bool,
    /// Unix seconds, inclusive.
    pub from: i64,
    /// Unix seconds, exclusive.
    pub to: i64,
}

/// Why there is none to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoChoice {
    /// The account has no report of its ledger.
    NoType,
    /// The report has no data of the span.
    NoData,
}

/// The newest version of the first wanted report, for the part of `[from, to)` of which it has data; an open start is
/// the begin of the data.
pub fn choose(
    types: &[ReportType],
    from: Option<DateTime<Utc>>,
    to: DateTime<Utc>,
) -> Result<Choice, NoChoice> {
    let newest = |wanted: &str| {
        let versions = types.iter().filter_map(|kind| {
            let version: u32 = kind.id.strip_prefix(wanted)?.parse().ok()?;
            Some((version, kind))
        });
        versions.max_by_key(|(version, _)| *version)
    };
    let found = WANTED.into_iter().find_map(newest);
    let (_, kind) = found.ok_or(NoChoice::NoType)?;
    let start = kind.data_available_start;
    let from = from.map_or(start, |from| whole_second(from).max(start));
    let to = whole_second(to).min(kind.data_available_end);
    if from >= to {
        return Err(NoChoice::NoData);
    }
    Ok(Choice {
        report_type: kind.id.clone(),
        has_columns: kind.default_columns.is_some(),
        from,
        to,
    })
}

/// Stripe counts in whole seconds: what is at or after a time, or before it, is so by the next whole one.
fn whole_second(time: DateTime<Utc>) -> i64 {
    time.timestamp() + i64::from(time.timestamp_subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(id: &str) -> ReportType {
        ReportType {
            id: id.to_owned(),
            data_available_start: 1_000,
            data_available_end: 2_000,
            default_columns: None,
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn chosen(ids: &[&str]) -> Option<String> {
        let types: Vec<_> = ids.iter().map(|id| kind(id)).collect();
        choose(&types, None, at(9_000))
            .ok()
            .map(|choice| choice.report_type)
    }

    #[test]
    fn the_newest_version_of_the_best_report_is_run() {
        let ids = [
            "payout_reconciliation.itemized.5",
            "balance_change_from_activity.itemized.6",
            "balance_change_from_activity.itemized.10",
            "balance_change_from_activity.itemized.9",
            "balance_change_from_activity.summary.11",
            "connected_account_balance_change_from_activity.itemized.12",
            "balance_change_from_activity.itemized.beta",
        ];
        assert_eq!(
            chosen(&ids).as_deref(),
            Some("balance_change_from_activity.itemized.10")
        );
        assert_eq!(chosen(&ids[..1]).as_deref(), Some(ids[0]));
        assert_eq!(chosen(&ids[4..]), None);
    }

    #[test]
    fn the_span_is_cut_to_what_there_is() {
        let types = [kind("balance_change_from_activity.itemized.3")];
        let span = |from: Option<i64>, to| {
            choose(&types, from.map(at), at(to)).map(|choice| (choice.from, choice.to))
        };

        assert_eq!(span(None, 9_000), Ok((1_000, 2_000)));
        assert_eq!(span(Some(5), 1_500), Ok((1_000, 1_500)));
        assert_eq!(span(Some(1_999), 9_000), Ok((1_999, 2_000)));
        assert_eq!(span(Some(2_000), 9_000), Err(NoChoice::NoData));
        assert_eq!(span(None, 1_000), Err(NoChoice::NoData));
    }
}
