use serde::{Deserialize, Serialize};

use super::topic::Topic;
use crate::ids::{ConnectionId, ImportId, WorkspaceId};

/// A change of an import's progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressEvent {
    /// The workspace that may see it.
    pub workspace_id: WorkspaceId,
    /// The connection that is imported.
    pub connection_id: ConnectionId,
    /// The import that changed.
    pub import_id: ImportId,
    /// Rises with each change of the import.
    pub sequence: i64,
    /// The snapshot as JSON, written once by the publisher for all who watch.
    pub payload: String,
}

impl ProgressEvent {
    pub(super) fn topic(&self) -> Topic {
        Topic::Progress(self.workspace_id, self.connection_id)
    }
}
