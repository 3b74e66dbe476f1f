//! Finding connections by what an operator calls them, over all workspaces.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    domain::{Gateway, name::Name},
    ids::{ConnectionId, NodeKey, WorkspaceId, node_id},
    storage::{ConnectionRow, StorageError},
};

/// A connection, and where it is.
#[derive(Clone, Debug)]
pub struct PlacedConnection {
    /// The connection.
    pub row: ConnectionRow,
    /// The name of its workspace.
    pub workspace: String,
}

/// Why no connection was picked.
#[derive(Debug, thiserror::Error)]
pub enum PickError {
    /// There is no such workspace.
    #[error("There is no workspace “{wanted}”. There are: {known}.")]
    NoWorkspace {
        /// What was asked for.
        wanted: String,
        /// The workspaces that there are.
        known: String,
    },
    /// Nobody connected anything.
    #[error("There is no connection here yet: connect an account first.")]
    NoConnection,
    /// No connection has this name or id.
    #[error("There is no connection “{wanted}”. There are: {known}.")]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// The connections that there are.
        known: String,
    },
    /// Connections of several workspaces have this name.
    #[error(
        "Several workspaces have a connection “{wanted}”: add --workspace with one of {workspaces}, or give its id."
    )]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// The workspaces that have one.
        workspaces: String,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// So many names are told of what there is.
const MOST_NAMES: usize = 20;

impl Gateway {
    /// Every connection of a workspace, or of all of them, oldest first.
    pub async fn every_connection(
        &self,
        workspace: Option<&str>,
    ) -> Result<Vec<PlacedConnection>, PickError> {
        let workspaces = self.store().list_workspaces().await?;
        let only = match workspace.map(str::trim) {
            None => None,
            Some(wanted) => match workspaces.iter().find(|one| one.name == wanted) {
                Some(found) => Some(WorkspaceId(found.id)),
                None => {
                    return Err(PickError::NoWorkspace {
                        wanted: wanted.to_owned(),
                        known: list(workspaces.iter().map(|one| format!("“{}”", one.name))),
                    });
                }
            },
        };
        let mut names: HashMap<Uuid, String> = HashMap::new();
        names.extend(workspaces.into_iter().map(|one| (one.id, one.name)));
        let placed = |row: ConnectionRow| PlacedConnection {
            workspace: names.get(&row.workspace_id).cloned().unwrap_or_default(),
            row,
        };
        let rows = self.store().list_every_connection(only).await?;
        Ok(rows.into_iter().map(placed).collect())
    }

    /// The one connection of this id or name, as people compare names.
    pub async fn pick_connection(
        &self,
        workspace: Option<&str>,
        wanted: &str,
    ) -> Result<PlacedConnection, PickError> {
        let all = self.every_connection(workspace).await?;
        if all.is_empty() {
            return Err(PickError::NoConnection);
        }
        if let Some(id) = id_of(wanted)
            && let Some(found) = all.iter().find(|one| one.row.id == id)
        {
            return Ok(found.clone());
        }
        let key = Name::parse(wanted).map(|name| name.key).ok();
        let named = |one: &&PlacedConnection| key.as_ref() == Some(&one.row.name_key);
        let mut found: Vec<_> = all.iter().filter(named).collect();
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one.clone()),
            (Some(one), false) => Err(PickError::Ambiguous {
                wanted: one.row.name.clone(),
                workspaces: list(
                    all.iter()
                        .filter(named)
                        .map(|one| format!("“{}”", one.workspace)),
                ),
            }),
            (None, _) => Err(PickError::Unknown {
                wanted: shown(wanted),
                known: list(all.iter().map(described)),
            }),
        }
    }
}

fn id_of(text: &str) -> Option<Uuid> {
    let text = text.trim();
    Uuid::try_parse(text.strip_prefix(ConnectionId::PREFIX).unwrap_or(text)).ok()
}

fn described(one: &PlacedConnection) -> String {
    let id = node_id(ConnectionId(one.row.id));
    format!("“{}” in “{}” ({id})", one.row.name, one.workspace)
}

/// What somebody typed, without what would move the terminal's cursor.
fn shown(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).collect()
}

fn list(names: impl Iterator<Item = String>) -> String {
    let names: Vec<_> = names.collect();
    let told = names
        .iter()
        .take(MOST_NAMES)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 if told.is_empty() => "none".to_owned(),
        0 => told,
        more => format!("{told}, and {more} more"),
    }
}
