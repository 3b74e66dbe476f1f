//! Permissions that were taken away while an import ran.

use chrono::{DateTime, Utc};

use super::Resource;
use crate::{
    domain::{
        Gateway,
        permission::{Grant, grants_of, missing, names, to_stored},
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{ConnectionRow, ImportFailure, StorageError},
};

/// What a connection's credentials grant after another look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rechecked {
    /// The resource is granted; perhaps less is, that goes with it.
    Granted,
    /// The resource is not granted: the import goes on without it.
    LeftOut,
    /// A row is missing without which nothing works: the import cannot go on.
    RequiredMissing(ImportFailure),
}

impl Gateway {
    /// Asks Stripe again what a connection's credentials grant, and notes it on the connection; where that was done
    /// after `since`, goes by what was found then.
    pub async fn recheck_permissions(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        resource: Resource,
        since: DateTime<Utc>,
    ) -> Result<Rechecked, StorageError> {
        let Some(connection) = self.store().find_connection(workspace, id).await? else {
            return Ok(Rechecked::LeftOut);
        };
        let known = grants_of(&connection);
        let fresh = known.iter().all(|grant| grant.checked_at > since);
        let grants = if fresh {
            known
        } else {
            self.probe_again(&connection).await.unwrap_or(known)
        };
        let connection = ConnectionRow {
            permissions: to_stored(&grants),
            ..connection
        };
        if !fresh {
            let change = Self::standing_with(&grants);
            let (permissions, now) = (connection.permissions.clone(), self.clock().now());
            self.store()
                .set_permissions(workspace, id, permissions, change, now)
                .await?;
        }
        let missing = missing(&grants);
        if missing.iter().any(|permission| permission.required) {
            return Ok(Rechecked::RequiredMissing(ImportFailure {
                code: "PERMISSIONS_MISSING".to_owned(),
                message: format!(
                    "The key no longer grants {}. Grant it in the Stripe dashboard, then start the import again.",
                    names(&missing)
                ),
                retryable: true,
            }));
        }
        let granted = resource.granted(&connection);
        Ok(if granted {
            Rechecked::Granted
        } else {
            Rechecked::LeftOut
        })
    }

    /// None where nothing can be found out now.
    async fn probe_again(&self, connection: &ConnectionRow) -> Option<Vec<Grant>> {
        let credential = self.credential(connection).ok()?;
        self.probe_grants(&credential).await.ok()
    }
}
