//! Events of progress, read once for all who follow an import in this process.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use lru::LruCache;

use super::ImportProgress;
use crate::{ids::ImportId, progress::ProgressEvent};

/// The imports of which a process remembers the latest event at most.
const MOST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

type Read = (Arc<ProgressEvent>, Arc<ImportProgress>);

/// The latest event of each import, as it was read.
pub(in crate::domain) struct ReadEvents(Mutex<LruCache<ImportId, Read>>);

impl Default for ReadEvents {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl ReadEvents {
    /// What an event tells, the same for everyone who is told that event; none where another version's process wrote it.
    pub(super) fn read(&self, event: &Arc<ProgressEvent>) -> Option<Arc<ImportProgress>> {
        // Held while one reads: the others wait for it instead of reading too.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, progress)) = all.get(&event.import_id)
            && Arc::ptr_eq(known, event)
        {
            return Some(Arc::clone(progress));
        }
        let progress = Arc::new(serde_json::from_str(&event.payload).ok()?);
        let read = (Arc::clone(event), Arc::clone(&progress));
        all.put(event.import_id, read);
        Some(progress)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ConnectionId, WorkspaceId};

    fn event(sequence: i64, payload: &str) -> Arc<ProgressEvent> {
        Arc::new(ProgressEvent {
            workspace_id: WorkspaceId(Uuid::nil()),
            connection_id: ConnectionId(Uuid::nil()),
            import_id: ImportId(Uuid::nil()),
            sequence,
            payload: payload.replace("SEQUENCE", &sequence.to_string()),
        })
    }

    const PROGRESS: &str = r#"{ "import_id": "00000000-0000-0000-0000-000000000000", "status": "running", "sequence": SEQUENCE,
        "imported_payments": 1, "imported_objects": 2, "percent_complete": 3.0, "payments_per_second": null,
        "eta_seconds": null, "covered_since": null, "current_trouble": null, "resources": [],
        "updated_at": "2026-01-01T00:00:00Z" }"#;

    #[test]
    fn an_event_is_read_once_and_another_one_anew() {
        let events = ReadEvents::default();
        let (one, two) = (event(1, PROGRESS), event(2, PROGRESS));

        let first = events.read(&one).unwrap();
        let again = events.read(&one).unwrap();
        let second = events.read(&two).unwrap();
        let late = events.read(&one).unwrap();

        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!((first.sequence, second.sequence, late.sequence), (1, 2, 1));
        assert!(events.read(&event(3, "{}")).is_none());
    }
}
