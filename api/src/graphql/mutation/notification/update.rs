use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{connections, refusal};
use crate::{
    auth::{Caller, Scope},
    domain::{
        Gateway,
        notification::{EndpointError, EndpointUpdate},
    },
    graphql::{
        context::ContextExt,
        error::ApiError,
        mutation::parts,
        node_id,
        scalar::Url,
        types::{DomainError, NotificationEndpoint, NotificationEventType},
    },
    storage::NotificationEndpointRow,
};

/// What is to change about a notification endpoint; what is left out stays as it is.
#[derive(InputObject)]
pub(super) struct UpdateNotificationEndpointInput {
    /// The endpoint.
    endpoint_id: ID,
    /// Where messages go: https, on the public internet.
    url: Option<Url>,
    /// What people call it: at most 200 characters; null for nothing any more.
    description: MaybeUndefined<String>,
    /// What it is told of; nothing that the token of this request may not see.
    event_types: Option<Vec<NotificationEventType>>,
    /// Of these data connections only; null for all, also those to come.
    connection_ids: MaybeUndefined<Vec<ID>>,
    /// Whether messages are sent there. Disabling it gives up what waits to be sent.
    enabled: Option<bool>,
}

/// What became of changing a notification endpoint.
#[derive(SimpleObject)]
pub(super) struct UpdateNotificationEndpointPayload {
    /// The endpoint as it is now; null where something stood in the way.
    endpoint: Option<NotificationEndpoint>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(in crate::graphql) struct UpdateEndpointMutation;

#[Object]
impl UpdateEndpointMutation {
    /// Changes a notification endpoint, or enables it again after it was disabled.
    async fn update_notification_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint, and what is to change.")]
        input: UpdateNotificationEndpointInput,
    ) -> Result<UpdateNotificationEndpointPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        let outcome = match update(ctx.gateway()?, caller, input).await {
            Ok(row) => Ok(row),
            Err(error) => Err(refusal(error)?),
        };
        let (endpoint, errors) = parts(outcome);
        Ok(UpdateNotificationEndpointPayload { endpoint, errors })
    }
}

async fn update(
    gateway: &Gateway,
    caller: &Caller,
    input: UpdateNotificationEndpointInput,
) -> Result<NotificationEndpointRow, EndpointError> {
    let id = node_id::decode(&input.endpoint_id).ok_or(EndpointError::NotFound)?;
    let types = input.event_types;
    let of = match input.connection_ids {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(ids) => Some(Some(connections(&ids)?)),
    };
    let update = EndpointUpdate {
        url: input.url.map(|url| url.url),
        description: input.description.as_opt_ref().map(Option::<&_>::cloned),
        event_types: types.map(|types| types.into_iter().map(Into::into).collect()),
        connections: of,
        enabled: input.enabled,
    };
    gateway
        .update_notification_endpoint(caller, id, update)
        .await
}
