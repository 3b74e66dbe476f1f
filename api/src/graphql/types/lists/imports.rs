use async_graphql::Context;

use super::{edge_type, list_type};
use crate::{
    graphql::{
        context::ContextExt,
        cursor::{ListKey, Position},
        error::ApiError,
        paging::{Page, PageArgs, at_time, placed},
        types::Import,
    },
    ids::ConnectionId,
    storage::ImportRow,
};

list_type! {
    /// A page of imports, newest first.
    ImportConnection {}

    Vec of ImportEdge of Import;
}

edge_type! {
    /// An import in a list.
    ImportEdge of Import
}

impl ImportConnection {
    /// The page of a connection's imports that a caller asks for.
    pub(in crate::graphql) async fn of_connection(
        ctx: &Context<'_>,
        connection: ConnectionId,
        args: PageArgs,
    ) -> Result<Self, ApiError> {
        let workspace = ctx.caller()?.workspace;
        let list = ListKey::new("imports", workspace).of(connection.0);
        let asked = args.read(&list, ctx.page_sizes()?)?;
        let page = placed(asked, at_time)?;
        let found = ctx
            .store()?
            .list_imports(workspace, connection, &page)
            .await?;
        let page = Page::new(list, asked, found, |row: ImportRow| {
            let at = Position {
                key: row.queued_at.timestamp_micros(),
                id: row.id,
            };
            (at, Import::from(row))
        });
        Ok(Self { page })
    }
}
