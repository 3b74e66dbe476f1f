//! Permissions that were taken away while an import ran.

use chrono::{DateTime, Utc};

use super::Resource;
use crate::{
    domain::{
        Gateway,
        connection::lacking,
        permission::{GUIDE, grants_of, missing, to_stored},
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

/// Why a resource is left out of an import.
pub(super) fn left_out(resource: Resource) -> String {
    let rows = GUIDE.iter().filter(|row| row.probe == resource.probe());
    let names: Vec<_> = rows.map(|row| row.resource).collect();
    format!(
        "The credentials do not grant {}: grant the row in the Stripe dashboard, then start the import again.",
        names.join(", ")
    )
}

impl Gateway {
    /// Asks Stripe again what a connection's credentials grant, and notes it on the connection; where that was done
    /// after `since`, goes by what was found then. So those that were refused together ask Stripe once.
    pub async fn recheck_permissions(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        resource: Resource,
        since: DateTime<Utc>,
    ) -> Result<Rechecked, StorageError> {
        let _turn = self.turns().take(&format!("permissions of {id}")).await;
        let Some(connection) = self.store().find_connection(workspace, id).await? else {
            return Ok(Rechecked::LeftOut);
        };
        let known = grants_of(&connection);
        let fresh = known.iter().all(|grant| grant.checked_at > since);
        let connection = if fresh {
            connection
        } else {
            self.check_again(workspace, connection).await?
        };
        let grants = grants_of(&connection);
        let missing = missing(&grants);
        if missing.iter().any(|permission| permission.required) {
            return Ok(Rechecked::RequiredMissing(ImportFailure {
                code: "PERMISSIONS_MISSING".to_owned(),
                message: lacking(connection.auth_method, &missing),
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

    /// The connection with what its credentials grant now; as it was where nothing can be found out.
    pub(in crate::domain) async fn check_again(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionRow,
    ) -> Result<ConnectionRow, StorageError> {
        let Ok(credential) = self.fresh_credential(&connection).await else {
            return Ok(connection);
        };
        let Ok(grants) = self.probe_grants(&credential).await else {
            return Ok(connection);
        };
        self.note_grants(workspace, ConnectionId(connection.id), &grants)
            .await?;
        Ok(ConnectionRow {
            permissions: to_stored(&grants),
            ..connection
        })
    }
}
