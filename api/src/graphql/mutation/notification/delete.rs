use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::refusal;
use crate::{
    auth::{Caller, Scope},
    domain::{Gateway, notification::EndpointError},
    graphql::{context::ContextExt, error::ApiError, node_id, types::DomainError},
};

/// Which notification endpoint to delete.
#[derive(InputObject)]
pub(super) struct DeleteNotificationEndpointInput {
    /// The endpoint.
    endpoint_id: ID,
}

/// What became of deleting a notification endpoint.
#[derive(SimpleObject)]
pub(super) struct DeleteNotificationEndpointPayload {
    /// The id that the endpoint had; null where something stood in the way.
    deleted_endpoint_id: Option<ID>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(in crate::graphql) struct DeleteEndpointMutation;

#[Object]
impl DeleteEndpointMutation {
    /// Deletes a notification endpoint with its secret and its deliveries; what waits to be sent is given up.
    async fn delete_notification_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint.")] input: DeleteNotificationEndpointInput,
    ) -> Result<DeleteNotificationEndpointPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        let (deleted_endpoint_id, errors) = match delete(ctx.gateway()?, caller, &input).await {
            Ok(()) => (Some(input.endpoint_id), Vec::new()),
            Err(error) => (None, vec![refusal(error)?]),
        };
        Ok(DeleteNotificationEndpointPayload {
            deleted_endpoint_id,
            errors,
        })
    }
}

async fn delete(
    gateway: &Gateway,
    caller: &Caller,
    input: &DeleteNotificationEndpointInput,
) -> Result<(), EndpointError> {
    let id = node_id::decode(&input.endpoint_id).ok_or(EndpointError::NotFound)?;
    gateway.delete_notification_endpoint(caller, id).await
}
