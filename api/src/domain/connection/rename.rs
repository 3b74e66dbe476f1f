//! Renaming a connection.

use serde_json::json;

use crate::{
    auth::Caller,
    domain::{Gateway, NameProblem, name::Name},
    ids::ConnectionId,
    storage::{Conflict, ConnectionRow, StorageError},
};

/// Why a connection kept its name.
#[derive(Debug, thiserror::Error)]
pub enum RenameError {
    /// The name cannot be one.
    #[error(transparent)]
    Name(#[from] NameProblem),
    /// Another connection of the workspace has the name.
    #[error("Another connection already has this name: choose a different one.")]
    NameTaken,
    /// There is no such connection.
    #[error("There is no such connection.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl From<StorageError> for RenameError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Conflict(Conflict::ConnectionName) => Self::NameTaken,
            other => Self::Storage(other),
        }
    }
}

impl Gateway {
    /// Gives a connection another name; its own in another case is fine.
    pub async fn rename_connection(
        &self,
        caller: &Caller,
        id: ConnectionId,
        name: &str,
    ) -> Result<ConnectionRow, RenameError> {
        let name = Name::parse(name)?;
        let entry = self.audit_by(
            caller,
            "connection.renamed",
            id.0,
            json!({ "name": name.text }),
        );
        let renamed = self
            .store()
            .rename_connection(caller.workspace, id, name.into_pair(), entry)
            .await?;
        let connection = renamed.ok_or(RenameError::NotFound)?;
        self.connection_changed(caller.workspace, id);
        Ok(connection)
    }
}
