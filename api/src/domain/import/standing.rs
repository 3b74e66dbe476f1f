//! How an import stands, for the operator's command line.

use chrono::{DateTime, TimeDelta, Utc};

use super::ImportProgress;
use crate::{
    domain::Gateway,
    ids::{ImportId, WorkspaceId},
    storage::{ImportWithWindows, StorageError, WindowState},
};

/// How an import stands at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportStanding {
    /// How far it is.
    pub progress: ImportProgress,
    /// Why it was given up, in plain words.
    pub failure: Option<String>,
    /// Its work lies there, and nobody takes it up.
    pub unclaimed: bool,
}

/// Whoever works looks for work many times in this time.
const PATIENCE: TimeDelta = TimeDelta::seconds(5);

impl Gateway {
    /// How an import stands now; none where there is no such import.
    pub async fn import_standing(
        &self,
        workspace: WorkspaceId,
        id: ImportId,
    ) -> Result<Option<ImportStanding>, StorageError> {
        let snapshot = self.store().find_import_with_windows(workspace, id).await?;
        let now = self.clock().now();
        Ok(snapshot.map(|snapshot| ImportStanding {
            progress: ImportProgress::shown(&snapshot),
            unclaimed: is_unclaimed(&snapshot, now),
            failure: snapshot.import.failure_message,
        }))
    }
}

/// Whether work has been due for longer than any worker would let it lie, and none is under way.
fn is_unclaimed(snapshot: &ImportWithWindows, now: DateTime<Utc>) -> bool {
    let mut due = false;
    for window in &snapshot.windows {
        let since = match window.state {
            WindowState::Pending => window.run_at,
            WindowState::Running => match window.lease_until {
                Some(until) if until > now => return false,
                lease => lease.unwrap_or(window.run_at),
            },
            _ => continue,
        };
        due |= since + PATIENCE < now;
    }
    due
}
