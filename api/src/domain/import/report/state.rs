//! How far a run is, as it is kept between two looks at it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Choice, line::COLUMNS};

/// Kept in the window's place for a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportState {
    /// The type's name.
    pub report_type: String,
    /// Whether its columns can be chosen.
    pub has_columns: bool,
    /// Unix seconds, inclusive.
    pub from: i64,
    /// Unix seconds, exclusive.
    pub to: i64,
    /// The run, once Stripe has named it.
    pub run: Option<AskedRun>,
    /// Lines of its file that are behind us, without the first one, which names the columns.
    pub lines: u64,
    /// Payments whose fees it filled in.
    pub filled: u64,
    /// Lines that tell other amounts than are known.
    pub differing: u64,
    /// Lines that could not be read.
    pub malformed: u64,
}

/// A run at Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedRun {
    /// `frr_…`
    pub id: String,
    /// When Stripe named it, in Unix seconds.
    pub asked_at: i64,
}

/// A run that takes longer is not waited for.
const LONGEST_RUN: TimeDelta = TimeDelta::minutes(30);

/// The first looks follow each other so fast: a report of a small account is there at once.
const SHORTEST_PAUSE: TimeDelta = TimeDelta::milliseconds(250);

/// The longest pause between two looks.
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(30);

impl ReportState {
    /// A run that is about to be asked for.
    #[must_use]
    pub fn new(choice: Choice) -> Self {
        Self {
            report_type: choice.report_type,
            has_columns: choice.has_columns,
            from: choice.from,
            to: choice.to,
            run: None,
            lines: 0,
            filled: 0,
            differing: 0,
            malformed: 0,
        }
    }

    /// What was kept; none where another version kept something else.
    #[must_use]
    pub fn read(kept: &str) -> Option<Self> {
        serde_json::from_str(kept).ok()
    }

    /// To be kept.
    #[must_use]
    pub fn kept(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// The same for every attempt at the run of a window, so that Stripe runs it once (Stripe contract section 1.3).
    #[must_use]
    pub fn idempotency_key(window: Uuid) -> String {
        format!("inlet-report-{window}")
    }

    /// The columns to ask for.
    #[must_use]
    pub fn columns(&self) -> &'static [&'static str] {
        if self.has_columns { &COLUMNS } else { &[] }
    }
}

impl AskedRun {
    /// How long to wait before the next look at a run that is not done: ever longer; none where it has taken too long.
    #[must_use]
    pub fn pause(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let asked_at = DateTime::from_timestamp(self.asked_at, 0).unwrap_or(now);
        let age = now - asked_at;
        (age < LONGEST_RUN).then(|| (age / 4).clamp(SHORTEST_PAUSE, LONGEST_PAUSE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_come_ever_later_and_end() {
        let run = AskedRun {
            id: "frr_1".to_owned(),
            asked_at: 0,
        };
        let (mut now, mut looks) = (DateTime::UNIX_EPOCH, 0);
        let mut last = TimeDelta::zero();
        while let Some(pause) = run.pause(now) {
            assert!(pause >= last && pause >= SHORTEST_PAUSE && pause <= LONGEST_PAUSE);
            (now, last, looks) = (now + pause, pause, looks + 1);
        }
        assert!((50..100).contains(&looks), "{looks}");
        assert!(now - DateTime::UNIX_EPOCH >= LONGEST_RUN);
    }

    #[test]
    fn what_is_kept_is_read() {
        let state = ReportState::new(Choice {
            report_type: "x.1".to_owned(),
            has_columns: true,
            from: 1,
            to: 2,
        });
        assert_eq!(ReportState::read(&state.kept()), Some(state));
        assert_eq!(ReportState::read("ch_1"), None);
    }
}
