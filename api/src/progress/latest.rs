use std::{collections::VecDeque, sync::Arc};

use super::event::ProgressEvent;
use crate::ids::ImportId;

/// Imports of one connection follow each other; a late event is of one of the last few.
const REMEMBERED_IMPORTS: usize = 8;

/// The newest state of a topic: all that a reader gets, however slow it is.
#[derive(Debug, Default)]
pub(super) struct Latest {
    pub(super) event: Option<Arc<ProgressEvent>>,
    /// How often something may have been missed.
    pub(super) resyncs: u64,
    sequences: VecDeque<(ImportId, i64)>,
}

impl Latest {
    /// Takes the event, unless the import has been seen at this sequence or a later one.
    pub(super) fn accept(&mut self, event: Arc<ProgressEvent>) -> bool {
        let mut known = self.sequences.iter_mut();
        match known.find(|(import, _)| *import == event.import_id) {
            Some((_, sequence)) if *sequence >= event.sequence => return false,
            Some((_, sequence)) => *sequence = event.sequence,
            None => {
                self.sequences.push_back((event.import_id, event.sequence));
                if self.sequences.len() > REMEMBERED_IMPORTS {
                    self.sequences.pop_front();
                }
            }
        }
        self.event = Some(event);
        true
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ConnectionId, WorkspaceId};

    fn event(import: u128, sequence: i64) -> Arc<ProgressEvent> {
        Arc::new(ProgressEvent {
            workspace_id: WorkspaceId(Uuid::nil()),
            connection_id: ConnectionId(Uuid::nil()),
            import_id: ImportId(Uuid::from_u128(import)),
            sequence,
            payload: String::new(),
        })
    }

    #[test]
    fn an_older_or_equal_sequence_of_an_import_is_not_taken() {
        let mut latest = Latest::default();

        assert!(latest.accept(event(1, 5)));
        assert!(!latest.accept(event(1, 5)) && !latest.accept(event(1, 4)));
        assert!(latest.accept(event(2, 1)));
        assert!(!latest.accept(event(1, 5)));
        assert_eq!(latest.event, Some(event(2, 1)));
        assert!(latest.accept(event(1, 6)));
    }

    #[test]
    fn only_the_last_few_imports_are_remembered() {
        let mut latest = Latest::default();

        for import in 0..100 {
            latest.accept(event(import, 1));
        }

        assert_eq!(latest.sequences.len(), REMEMBERED_IMPORTS);
    }
}
