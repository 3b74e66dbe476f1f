use crate::ids::{ConnectionId, WorkspaceId};

/// What is watched; always of one workspace, so that nothing of another is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    /// The imports of a connection.
    Progress(WorkspaceId, ConnectionId),
    /// The connections that change.
    Connections(WorkspaceId),
    /// The payments that are new or change.
    Payments(WorkspaceId),
}

impl Topic {
    /// How the names of progress channels begin.
    pub(super) const PROGRESS: &str = "inlet:progress:";

    /// The name of the topic's channel in Redis.
    pub(super) fn channel(&self) -> String {
        match self {
            Self::Progress(workspace, connection) => {
                format!("{}{workspace}:{connection}", Self::PROGRESS)
            }
            Self::Connections(workspace) => format!("inlet:connections:{workspace}"),
            Self::Payments(workspace) => format!("inlet:payments:{workspace}"),
        }
    }
}
