use async_graphql::{Context, ID, Object};

use crate::{
    auth::Scope,
    graphql::{
        context::ContextExt,
        error::ApiError,
        node_id,
        paging::PageArgs,
        types::{DataConnection, DataConnectionConnection, DataConnectionStatus},
    },
    ids::ConnectionId,
};

#[derive(Default)]
pub(super) struct ConnectionQuery;

#[Object]
impl ConnectionQuery {
    /// A data connection by its id; null where there is none. Needs the scope `CONNECTIONS_READ`.
    async fn connection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the data connection.")] id: ID,
    ) -> Result<Option<DataConnection>, ApiError> {
        ctx.caller_with(Scope::ConnectionsRead)?;
        let Some(key) = node_id::decode::<ConnectionId>(&id) else {
            return Ok(None);
        };
        Ok(ctx.loaders()?.find(key).await?.map(DataConnection::from))
    }

    /// The workspace's data connections, newest first. Needs the scope `CONNECTIONS_READ`.
    async fn connections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries from the front of the list.")] first: Option<i32>,
        #[graphql(desc = "Start behind the entry of this cursor; goes with `first`.")]
        after: Option<String>,
        #[graphql(desc = "How many entries from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "End before the entry of this cursor; goes with `last`.")] before: Option<
            String,
        >,
        #[graphql(desc = "Only those of this status.")] status: Option<DataConnectionStatus>,
    ) -> Result<DataConnectionConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        DataConnectionConnection::find(ctx, status, args).await
    }
}
