use serde::{Deserialize, Serialize};

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

/// What is watched: one connection of one workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Topic {
    pub(super) workspace: WorkspaceId,
    pub(super) connection: ConnectionId,
}

impl Topic {
    /// The name of the topic's channel in Redis.
    pub(super) fn channel(&self) -> String {
        format!("inlet:progress:{}:{}", self.workspace, self.connection)
    }
}

impl ProgressEvent {
    pub(super) fn topic(&self) -> Topic {
        Topic {
            workspace: self.workspace_id,
            connection: self.connection_id,
        }
    }
}
