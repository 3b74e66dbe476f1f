//! How much work an import has left. Stripe counts nothing: what is left is judged by how dense the history was so far.

use std::ops::AddAssign;

use super::beginning;
use crate::storage::{WindowRow, WindowState};

/// Objects of a full page.
const PAGE: f64 = 100.0;

/// Less than a whole: what is not finished never shows 100.
const ALMOST: f64 = 99.9;

/// Work in requests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Work {
    /// What is behind.
    pub(super) done: f64,
    /// What is expected.
    pub(super) left: f64,
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        self.done += other.done;
        self.left += other.left;
    }
}

impl Work {
    /// 0 to 100, and not quite 100 while anything is left.
    pub(super) fn percent(self) -> f64 {
        let all = self.done + self.left;
        if all <= 0.0 {
            return 0.0;
        }
        (self.done / all * 100.0).min(ALMOST)
    }

    /// The work of one resource's windows. A window that has begun is judged by its own density, one that has not by
    /// that of the others.
    pub(super) fn of(windows: &[&WindowRow]) -> Self {
        let covered: f64 = windows.iter().map(|window| seconds_covered(window)).sum();
        let objects: f64 = windows.iter().map(|window| objects(window)).sum();
        let usual = if covered > 0.0 {
            objects / covered
        } else {
            0.0
        };
        let mut work = Self::default();
        for window in windows {
            work += of_window(window, usual);
        }
        work
    }
}

fn of_window(window: &WindowRow, usual: f64) -> Work {
    let pages = (objects(window) / PAGE).ceil();
    match window.state {
        WindowState::Done => Work {
            done: pages.max(1.0),
            left: 0.0,
        },
        WindowState::Pending | WindowState::Running => {
            let covered = seconds_covered(window);
            let density = if pages > 0.0 {
                objects(window) / covered.max(1.0)
            } else {
                usual
            };
            // Its end takes a request, however little there is.
            let left = (density * seconds_left(window) / PAGE).max(1.0);
            Work { done: pages, left }
        }
        WindowState::Skipped | WindowState::Abandoned => Work {
            done: pages,
            left: 0.0,
        },
    }
}

fn seconds_covered(window: &WindowRow) -> f64 {
    (window.to_at - window.covered_to).as_seconds_f64().max(0.0)
}

fn seconds_left(window: &WindowRow) -> f64 {
    let from = window.from_at.unwrap_or_else(beginning);
    (window.covered_to - from).as_seconds_f64().max(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn objects(window: &WindowRow) -> f64 {
    window.imported_objects as f64
}
