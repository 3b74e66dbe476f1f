use async_graphql::Context;

use super::{edge_type, list_type};
use crate::{
    auth::Scope,
    graphql::{
        context::ContextExt,
        cursor::{ListKey, Position},
        error::ApiError,
        paging::{Page, PageArgs, at_time, placed},
        types::{DataConnection, DataConnectionStatus},
    },
    ids::WorkspaceId,
    storage::{ConnectionRow, ConnectionStatus},
};

list_type! {
    /// A page of data connections, newest first.
    DataConnectionConnection { workspace: WorkspaceId, status: Option<ConnectionStatus> }

    Vec of DataConnectionEdge of DataConnection;

    /// How many data connections the whole list has.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, ApiError> {
        let count = ctx.store()?.count_connections(self.workspace, self.status).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

edge_type! {
    /// A data connection in a list.
    DataConnectionEdge of DataConnection
}

impl DataConnectionConnection {
    /// The page of the workspace's connections that a caller asks for.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        status: Option<DataConnectionStatus>,
        args: PageArgs,
    ) -> Result<Self, ApiError> {
        let workspace = ctx.caller_with(Scope::ConnectionsRead)?.workspace;
        let list = ListKey::new("connections", workspace).under(&status);
        let asked = args.read(&list, ctx.page_sizes()?)?;
        let status = status.map(ConnectionStatus::from);
        let page = placed(asked, at_time)?;
        let found = ctx
            .store()?
            .list_connections(workspace, status, &page)
            .await?;
        let page = Page::new(list, asked, found, |row: ConnectionRow| {
            let at = Position {
                key: row.created_at.timestamp_micros(),
                id: row.id,
            };
            (at, DataConnection::from(row))
        });
        Ok(Self {
            page,
            workspace,
            status,
        })
    }
}
