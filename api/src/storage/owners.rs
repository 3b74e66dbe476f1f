//! Connections of any workspace, as workers look for them.

use sea_orm::{EntityTrait, Select};
use uuid::Uuid;

use super::{StorageError, Store};
use crate::ids::{ConnectionId, WorkspaceId};

impl Store {
    /// What a query finds that selects a workspace and a connection.
    pub(super) async fn list_owners<E: EntityTrait>(
        &self,
        query: Select<E>,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        let found: Vec<(Uuid, Uuid)> = query.into_tuple().all(&self.reader).await?;
        let owners = found.into_iter();
        Ok(owners
            .map(|(workspace, connection)| (WorkspaceId(workspace), ConnectionId(connection)))
            .collect())
    }
}
