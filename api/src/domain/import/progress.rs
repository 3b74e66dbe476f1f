//! How far an import is, computed from its windows.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Resource, Shape, estimate::Work, recheck::left_out};
use crate::{
    ids::ImportId,
    storage::{ImportRow, ImportStatus, ImportWithWindows, WindowRow, WindowState},
};

/// A point in an import. Of two, the one with the higher sequence is later, and nothing in it has gone back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportProgress {
    /// The import.
    pub import_id: ImportId,
    /// Where it stands.
    pub status: ImportStatus,
    /// Rises with each change.
    pub sequence: i64,
    /// Charges imported by this import.
    pub imported_payments: i64,
    /// Objects of every resource imported by this import.
    pub imported_objects: i64,
    /// 0 to 100, by the work that is behind and expected; it never falls, and is 100 only when the import has succeeded.
    pub percent_complete: f64,
    /// Over the whole run so far; none until something came.
    pub payments_per_second: Option<f64>,
    /// At the pace of the run so far; only while it runs.
    pub eta_seconds: Option<i64>,
    /// Everything created from here to the import's end is imported.
    pub covered_since: Option<DateTime<Utc>>,
    /// What it struggles with.
    pub current_trouble: Option<String>,
    /// The same for each resource.
    pub resources: Vec<ResourceProgress>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

/// How far one resource is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceProgress {
    /// The resource.
    pub resource: Resource,
    /// Where it stands; canceled where it is left out.
    pub status: ImportStatus,
    /// Objects imported.
    pub imported_objects: i64,
    /// 0 to 100; it never falls.
    pub percent_complete: f64,
    /// What there is to say of it in words: why it is left out, why there is nothing to import, or what came
    /// of it.
    #[serde(default)]
    pub note: Option<String>,
}

impl ImportProgress {
    /// Whether the import is over.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        !matches!(self.status, ImportStatus::Queued | ImportStatus::Running)
    }

    /// The progress of an import, from what one moment's windows tell; its percentages are estimates, which may fall.
    #[must_use]
    pub(super) fn estimated(snapshot: &ImportWithWindows) -> Self {
        let import = &snapshot.import;
        let parts: Vec<_> = Resource::importable()
            .iter()
            .filter_map(|resource| Part::of(*resource, &snapshot.windows))
            .collect();
        let work = work_of_all(&parts);
        let percent = match import.status {
            ImportStatus::Succeeded => 100.0,
            _ => work.percent(),
        };
        let elapsed = import
            .started_at
            .map(|start| seconds(import.updated_at - start));
        let running = import.status == ImportStatus::Running;
        Self {
            import_id: ImportId(import.id),
            status: import.status,
            sequence: import.sequence,
            imported_payments: import.imported_payments,
            imported_objects: import.imported_objects,
            percent_complete: percent,
            payments_per_second: rate(import.imported_payments, elapsed),
            eta_seconds: if running { eta(work, elapsed) } else { None },
            covered_since: covered_since(import, &parts),
            current_trouble: import.trouble.clone(),
            resources: parts
                .iter()
                .map(|part| part.progress(import.status))
                .collect(),
            updated_at: import.updated_at,
        }
    }
}

/// The windows of one resource, newest first.
struct Part<'a> {
    resource: Resource,
    windows: Vec<&'a WindowRow>,
}

impl<'a> Part<'a> {
    fn of(resource: Resource, windows: &'a [WindowRow]) -> Option<Self> {
        let mut windows: Vec<_> = windows
            .iter()
            .filter(|window| window.resource == resource.name())
            .collect();
        windows.sort_unstable_by_key(|window| std::cmp::Reverse(window.to_at));
        (!windows.is_empty()).then_some(Self { resource, windows })
    }

    fn is_left_out(&self) -> bool {
        self.windows
            .iter()
            .any(|window| window.state == WindowState::Skipped)
    }

    /// Left out from the start: it never had a share in the whole.
    fn never_began(&self) -> bool {
        self.is_left_out() && self.windows.iter().all(|window| window.fence == 0)
    }

    fn has_begun(&self) -> bool {
        // How much a report takes is known before it begins.
        self.is_report()
            || self
                .windows
                .iter()
                .any(|window| window.imported_objects > 0 || window.state == WindowState::Done)
    }

    fn is_done(&self) -> bool {
        self.windows
            .iter()
            .all(|window| window.state == WindowState::Done)
    }

    fn percent(&self) -> f64 {
        if self.is_done() {
            100.0
        } else {
            self.work().percent()
        }
    }

    fn work(&self) -> Work {
        if !self.is_report() {
            return Work::of(&self.windows, self.resource.page_size());
        }
        let done = f64::from(u8::from(self.is_done()));
        Work {
            done,
            left: 1.0 - done,
        }
    }

    /// A report is there as a whole or not yet, however many lines it has.
    fn is_report(&self) -> bool {
        self.resource.shape() == Shape::Report
    }

    /// Where the unbroken stretch that reaches the import's end begins; none where all is done.
    fn covered_since(&self) -> Option<DateTime<Utc>> {
        let open = self
            .windows
            .iter()
            .find(|window| window.state != WindowState::Done);
        open.map(|window| window.covered_to)
    }

    fn progress(&self, import: ImportStatus) -> ResourceProgress {
        let begun = self.windows.iter().any(|window| window.fence > 0);
        let status = if self.is_left_out() {
            ImportStatus::Canceled
        } else if self.is_done() {
            ImportStatus::Succeeded
        } else if matches!(import, ImportStatus::Failed | ImportStatus::Canceled) {
            import
        } else if begun {
            ImportStatus::Running
        } else {
            ImportStatus::Queued
        };
        ResourceProgress {
            resource: self.resource,
            status,
            imported_objects: self
                .windows
                .iter()
                .map(|window| window.imported_objects)
                .sum(),
            percent_complete: self.percent(),
            note: self.note(),
        }
    }

    fn note(&self) -> Option<String> {
        let came_of_it = || self.windows.iter().find_map(|window| window.note.clone());
        if self.is_left_out() {
            return came_of_it().or_else(|| Some(left_out(self.resource)));
        }
        let remark = self.resource.remark().map(str::to_owned);
        remark.or_else(came_of_it)
    }
}

/// What all resources take; one that nothing is known of yet counts as much as the others do on average.
fn work_of_all(parts: &[Part<'_>]) -> Work {
    let included = parts.iter().filter(|part| !part.never_began());
    let (begun, waiting): (Vec<_>, Vec<_>) = included.partition(|part| part.has_begun());
    let mut work = Work::default();
    for part in &begun {
        work += part.work();
    }
    if !waiting.is_empty() {
        #[expect(
            clippy::cast_precision_loss,
            reason = "there are fewer than twenty resources"
        )]
        let (many, of) = (waiting.len() as f64, begun.len().max(1) as f64);
        work.left += ((work.done + work.left) / of).max(1.0) * many;
    }
    work
}

fn covered_since(import: &ImportRow, parts: &[Part<'_>]) -> Option<DateTime<Utc>> {
    // Only a history has a stretch that is covered.
    let histories = parts.iter().filter(|part| part.resource.has_history());
    let included = histories.filter(|part| !part.is_left_out());
    let reached = || {
        let windows = included.clone().flat_map(|part| &part.windows);
        windows.map(|window| window.covered_to).min()
    };
    let since = match included.clone().filter_map(Part::covered_since).max() {
        Some(open) => Some(open),
        None => import.from_at.or_else(reached),
    };
    since.filter(|since| *since < import.to_at)
}

fn seconds(span: TimeDelta) -> f64 {
    span.as_seconds_f64()
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(count: i64, elapsed: Option<f64>) -> Option<f64> {
    elapsed
        .filter(|elapsed| *elapsed > 0.0 && count > 0)
        .map(|elapsed| count as f64 / elapsed)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "an estimate, cut to an hour's worth of sense"
)]
fn eta(work: Work, elapsed: Option<f64>) -> Option<i64> {
    let elapsed = elapsed.filter(|elapsed| *elapsed > 0.0 && work.percent() >= 1.0)?;
    let left = elapsed * work.left / work.done;
    Some(left.ceil().min(f64::from(i32::MAX)) as i64)
}
