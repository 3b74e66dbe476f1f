//! How a window is divided: its older part becomes windows of their own, as far as that is of use.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use super::{WindowRow, WindowState};

/// How a window could be divided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// What it would give away, the newest first, each part beginning where the next one ends.
    pub older: Vec<WindowRow>,
    /// How many unfinished windows its resource has a use for.
    pub enough: usize,
}

/// An unfinished window of an import.
#[derive(FromQueryResult)]
pub(super) struct OpenWindow {
    pub(super) resource: String,
    pub(super) state: WindowState,
    pub(super) run_at: DateTime<Utc>,
}

impl Division {
    /// What is to become windows of their own, beside these of the same import: nothing while one of the same resource
    /// waits to be claimed, or the first one of another, and neighbours as one where there would be more than are of use.
    pub(super) fn of_use(self, open: &[OpenWindow], at: DateTime<Utc>) -> Vec<WindowRow> {
        let Some(first) = self.older.first() else {
            return Vec::new();
        };
        let running = open
            .iter()
            .filter(|window| window.state == WindowState::Running);
        let begun: HashSet<&str> = running.clone().map(|window| &*window.resource).collect();
        // One that waits after a failure is no work for anybody.
        let one_waits = open.iter().any(|window| {
            let is_wanted = window.resource == first.resource || !begun.contains(&*window.resource);
            window.state == WindowState::Pending && window.run_at <= at && is_wanted
        });
        let own = running.filter(|window| window.resource == first.resource);
        let free = self.enough.saturating_sub(own.count());
        if one_waits || free == 0 {
            return Vec::new();
        }
        merged(&self.older, self.older.len().div_ceil(free))
    }
}

/// So many neighbours at a time as one window.
fn merged(parts: &[WindowRow], neighbours: usize) -> Vec<WindowRow> {
    let together = |parts: &[WindowRow]| {
        let [newest, .., oldest] = parts else {
            return parts.first().cloned();
        };
        Some(WindowRow {
            from_at: oldest.from_at,
            ..newest.clone()
        })
    };
    parts.chunks(neighbours).filter_map(together).collect()
}
