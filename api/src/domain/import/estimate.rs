//! How much work an import has left. Stripe counts nothing: what is left is judged by how dense the history was so far.

use std::ops::AddAssign;

use super::beginning;
use crate::storage::{WindowRow, WindowState};

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

    /// The work of one resource's windows, newest first, where a request brings up to `page` objects. What is left of a window is taken to be as dense as the mean of
    /// what it has shown and what the next older one has; where neither has begun, as dense as all is on average.
    pub(super) fn of(windows: &[&WindowRow], page: f64) -> Self {
        let covered: f64 = windows.iter().map(|window| seconds_covered(window)).sum();
        let objects: f64 = windows.iter().map(|window| objects(window)).sum();
        let usual = if covered > 0.0 {
            objects / covered
        } else {
            0.0
        };
        let mut work = Self::default();
        for (place, window) in windows.iter().enumerate() {
            let mut older = windows[place + 1..].iter();
            let own = density(window);
            let next = older.find_map(|window| density(window));
            let expected = match (own, next) {
                (Some(own), Some(next)) => f64::midpoint(own, next),
                (Some(known), None) | (None, Some(known)) => known,
                (None, None) => usual,
            };
            work += of_window(window, expected, page);
        }
        work
    }
}

fn of_window(window: &WindowRow, density: f64, page: f64) -> Work {
    let pages = (objects(window) / page).ceil();
    let (done, left) = match window.state {
        WindowState::Done => (pages.max(1.0), 0.0),
        // Its end takes a request, however little there is.
        WindowState::Pending | WindowState::Running => {
            (pages, (density * seconds_left(window) / page).max(1.0))
        }
        WindowState::Skipped | WindowState::Abandoned => (pages, 0.0),
    };
    Work { done, left }
}

/// Objects a second, where the window has shown some of its history.
fn density(window: &WindowRow) -> Option<f64> {
    let known = window.imported_objects > 0 || window.state == WindowState::Done;
    known.then(|| objects(window) / seconds_covered(window).max(1.0))
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
