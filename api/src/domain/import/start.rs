//! Importing again, on a user's word.

use chrono::{DateTime, Datelike, Utc};
use serde_json::json;

use super::{
    Resource,
    windows::{Plan, start_of_second},
};
use crate::{
    auth::{Actor, Caller},
    domain::{
        Gateway,
        permission::{Permission, grants_of, missing},
    },
    ids::{ConnectionId, ImportId, WorkspaceId},
    storage::{Conflict, ConnectionRow, ConnectionStatus, ImportRow, ImportTrigger, StorageError},
};

/// What to import.
#[derive(Clone, Debug)]
pub struct StartImport {
    /// Of which connection.
    pub connection: ConnectionId,
    /// Only what was created at or after.
    pub from: Option<DateTime<Utc>>,
    /// Only what was created before.
    pub to: Option<DateTime<Utc>>,
    /// Only these resources; none for all.
    pub resources: Option<Vec<Resource>>,
}

/// Why no import was started.
#[derive(Debug, thiserror::Error)]
pub enum StartImportError {
    /// There is no such connection.
    #[error("There is no such connection.")]
    NotFound,
    /// The connection has no credentials any more.
    #[error("The connection is disconnected: connect it again before importing.")]
    Disconnected,
    /// Rows without which nothing works are missing; all missing rows are named.
    #[error(
        "The key lacks permissions: grant the rows named here in the Stripe dashboard, then start the import again."
    )]
    MissingPermissions(Vec<&'static Permission>),
    /// One is under way.
    #[error("An import of this connection is already under way.")]
    InProgress(Box<ImportRow>),
    /// The span holds nothing.
    #[error(
        "The span of time is empty or out of range: give a start before the end, both between 1970 and 9999."
    )]
    Span,
    /// Resources were asked for, but none.
    #[error("Name at least one resource, or leave the list out to import all.")]
    NoResource,
    /// A resource that the credentials do not grant.
    #[error("The connection's credentials do not grant {}.", .0.name())]
    NotGranted(Resource),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Starts an import of a connection; one at a time.
    pub async fn start_import(
        &self,
        caller: &Caller,
        input: StartImport,
    ) -> Result<ImportRow, StartImportError> {
        self.start(caller.workspace, Some(&caller.actor()), input)
            .await
    }

    /// The same on the operator's word.
    pub async fn order_import(
        &self,
        workspace: WorkspaceId,
        input: StartImport,
    ) -> Result<ImportRow, StartImportError> {
        self.start(workspace, None, input).await
    }

    async fn start(
        &self,
        workspace: WorkspaceId,
        by: Option<&Actor>,
        input: StartImport,
    ) -> Result<ImportRow, StartImportError> {
        let connection = self
            .store()
            .find_connection(workspace, input.connection)
            .await?
            .ok_or(StartImportError::NotFound)?;
        if connection.status == ConnectionStatus::Disconnected {
            return Err(StartImportError::Disconnected);
        }
        // What was not granted may be by now: the user was told to grant it and to start again.
        let connection = if missing(&grants_of(&connection)).is_empty() {
            connection
        } else {
            self.check_again(workspace, connection).await?
        };
        let missing = missing(&grants_of(&connection));
        if missing.iter().any(|permission| permission.required) {
            return Err(StartImportError::MissingPermissions(missing));
        }
        let now = start_of_second(self.clock().now());
        check_span(input.from, input.to.map_or(now, |to| to.min(now)))?;
        let resources = chosen(input.resources, &connection)?;
        let plan = Plan {
            trigger: ImportTrigger::Requested,
            from: input.from,
            to: input.to,
            every_resource: resources.len() == Resource::importable().len(),
            resources: &resources,
        };
        let (import, windows) = self.next_import(&connection, &plan).await?;
        let detail = json!({
            "import": import.id,
            "from": plan.from,
            "to": plan.to,
            "resources": resources.iter().map(|one| one.name()).collect::<Vec<_>>(),
        });
        tracing::info!(import.id = %import.id, %detail, "import requested");
        let entry = self.audit(workspace, by, "import.requested", connection.id, detail);
        let store = self.store();
        match store
            .insert_requested_import(import.clone(), windows, entry)
            .await
        {
            Ok(()) => {
                self.publish_progress(workspace, ImportId(import.id)).await;
                self.work().notify_waiters();
                Ok(import)
            }
            Err(StorageError::Conflict(Conflict::ActiveImport)) => {
                let active = self
                    .store()
                    .find_latest_import(workspace, input.connection)
                    .await?;
                Err(active.map_or(StartImportError::NotFound, |active| {
                    StartImportError::InProgress(Box::new(active))
                }))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn check_span(from: Option<DateTime<Utc>>, to: DateTime<Utc>) -> Result<(), StartImportError> {
    let in_range = |time: DateTime<Utc>| (1970..=9999).contains(&time.year());
    let starts_well = from.is_none_or(|from| from < to && in_range(from));
    if starts_well && in_range(to) {
        Ok(())
    } else {
        Err(StartImportError::Span)
    }
}

fn chosen(
    wanted: Option<Vec<Resource>>,
    connection: &ConnectionRow,
) -> Result<Vec<Resource>, StartImportError> {
    let Some(mut wanted) = wanted else {
        return Ok(Resource::importable().to_vec());
    };
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Err(StartImportError::NoResource);
    }
    for resource in &wanted {
        if !resource.granted(connection) {
            return Err(StartImportError::NotGranted(*resource));
        }
    }
    Ok(wanted)
}
