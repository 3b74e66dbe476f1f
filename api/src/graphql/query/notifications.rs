use async_graphql::{Context, ID, Object};

use crate::{
    auth::Scope,
    graphql::{
        context::ContextExt, cost::list_size, error::ApiError, node_id, types::NotificationEndpoint,
    },
    ids::NotificationEndpointId,
};

#[derive(Default)]
pub(super) struct NotificationQuery;

#[Object]
impl NotificationQuery {
    /// Where partners are told what happens, oldest first; at most 20.
    #[graphql(directive = list_size::apply(20))]
    async fn notification_endpoints(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<NotificationEndpoint>, ApiError> {
        let workspace = ctx.caller_with(Scope::ConnectionsRead)?.workspace;
        let found = ctx.store()?.list_notification_endpoints(workspace).await?;
        Ok(found.into_iter().map(NotificationEndpoint::from).collect())
    }

    /// A notification endpoint by its id; null where there is no such endpoint.
    async fn notification_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint's id.")] id: ID,
    ) -> Result<Option<NotificationEndpoint>, ApiError> {
        ctx.caller_with(Scope::ConnectionsRead)?;
        let Some(key) = node_id::decode::<NotificationEndpointId>(&id) else {
            return Ok(None);
        };
        let found = ctx.loaders()?.find(key).await?;
        Ok(found.map(NotificationEndpoint::from))
    }
}
