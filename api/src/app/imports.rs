//! Imports on the operator's word.

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use serde::{
    Deserialize,
    de::{IntoDeserializer, value},
};

use super::App;
use crate::{
    domain::{
        connection::PlacedConnection,
        import::{ImportStanding, Resource, StartImport, StartImportError},
    },
    ids::{ConnectionId, ImportId, WorkspaceId, node_id},
};

/// An import that the operator orders.
#[derive(Clone, Debug)]
pub struct ImportOrder {
    /// The connection's id or name.
    pub connection: String,
    /// The name of its workspace; needed where several have a connection of this name.
    pub workspace: Option<String>,
    /// Only what was created at or after.
    pub from: Option<DateTime<Utc>>,
    /// Only what was created before.
    pub to: Option<DateTime<Utc>>,
    /// Names of resources; none for all.
    pub resources: Vec<String>,
}

/// A connection's latest import, where it has one.
#[derive(Clone, Debug)]
pub struct PlacedImport {
    /// The connection as people read it: its name, id and workspace.
    pub title: String,
    /// The connection's id as clients see it.
    pub connection: String,
    /// The import's id as clients see it.
    pub id: Option<String>,
    key: Option<(WorkspaceId, ImportId)>,
}

impl PlacedImport {
    fn of(connection: &PlacedConnection, import: Option<ImportId>) -> Self {
        let id = node_id(ConnectionId(connection.row.id));
        Self {
            title: format!(
                "“{}” ({id}) in “{}”",
                connection.row.name, connection.workspace
            ),
            connection: id,
            id: import.map(node_id),
            key: import.map(|import| (WorkspaceId(connection.row.workspace_id), import)),
        }
    }
}

/// Starts an import, under the same rules as `startImport`.
pub async fn start_import(app: &App, order: ImportOrder) -> anyhow::Result<PlacedImport> {
    let resources = order.resources.iter().map(|name| resource(name));
    let resources = resources.collect::<anyhow::Result<Vec<_>>>()?;
    let workspace = order.workspace.as_deref();
    let connection = app
        .gateway
        .pick_connection(workspace, &order.connection)
        .await?;
    let input = StartImport {
        connection: ConnectionId(connection.row.id),
        from: order.from,
        to: order.to,
        resources: (!resources.is_empty()).then_some(resources),
    };
    let workspace = WorkspaceId(connection.row.workspace_id);
    let started = app.gateway.order_import(workspace, input).await;
    let import = started.map_err(|error| refusal(error, &connection))?;
    if let Some(redis) = &app.redis
        && let Err(error) = redis.flush().await
    {
        tracing::warn!(%error, "those who watch were not told; they see it when it goes on");
    }
    Ok(PlacedImport::of(&connection, Some(ImportId(import.id))))
}

/// The latest import of one connection, by id or name, or of each of a workspace's, or of all.
pub async fn latest_imports(
    app: &App,
    workspace: Option<&str>,
    connection: Option<&str>,
) -> anyhow::Result<Vec<PlacedImport>> {
    let gateway = &app.gateway;
    let connections = match connection {
        Some(wanted) => vec![gateway.pick_connection(workspace, wanted).await?],
        None => gateway.every_connection(workspace).await?,
    };
    let mut latest = Vec::with_capacity(connections.len());
    for connection in &connections {
        let of = WorkspaceId(connection.row.workspace_id);
        let id = ConnectionId(connection.row.id);
        let import = gateway.store().find_latest_import(of, id).await?;
        latest.push(PlacedImport::of(
            connection,
            import.map(|row| ImportId(row.id)),
        ));
    }
    Ok(latest)
}

/// How an import stands now; none where the connection has none.
pub async fn import_standing(
    app: &App,
    import: &PlacedImport,
) -> anyhow::Result<Option<ImportStanding>> {
    let Some((workspace, id)) = import.key else {
        return Ok(None);
    };
    Ok(app.gateway.import_standing(workspace, id).await?)
}

/// Reads `payment_intents`, and as the API and people like it, `PAYMENT_INTENTS` and `payment-intents`.
fn resource(text: &str) -> anyhow::Result<Resource> {
    let name = text.trim().to_lowercase().replace(['-', ' '], "_");
    let read: Result<_, value::Error> = Resource::deserialize(name.into_deserializer());
    read.map_err(|_| {
        let names: Vec<_> = Resource::importable()
            .iter()
            .map(|resource| resource.name())
            .collect();
        anyhow!("--resource is one of {}", names.join(", "))
    })
}

/// What stands in the way, with what to do about it at a terminal.
fn refusal(error: StartImportError, connection: &PlacedConnection) -> anyhow::Error {
    let id = node_id(ConnectionId(connection.row.id));
    match error {
        StartImportError::InProgress(active) => anyhow!(
            "An import of “{}” is already under way ({}). Follow it with: inlet import status --connection {id} \
             --follow",
            connection.row.name,
            node_id(ImportId(active.id)),
        ),
        StartImportError::MissingPermissions(ref missing) => {
            let rows: Vec<_> = missing.iter().map(|row| row.resource).collect();
            anyhow!("{error} Missing: {}.", rows.join(", "))
        }
        StartImportError::Span => {
            anyhow::Error::new(error).context("--from and --to cannot be used")
        }
        StartImportError::NotGranted(_) => {
            anyhow::Error::new(error).context("--resource cannot be used")
        }
        other => anyhow::Error::new(other),
    }
}
