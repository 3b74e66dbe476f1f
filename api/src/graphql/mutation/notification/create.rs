use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::{ExposeSecret, SecretString};

use super::{connections, refusal};
use crate::{
    auth::{Caller, Scope},
    domain::{
        Gateway,
        notification::{EndpointError, NewEndpoint},
    },
    graphql::{
        context::ContextExt,
        error::ApiError,
        scalar::Url,
        types::{DomainError, NotificationEndpoint, NotificationEventType},
    },
    storage::NotificationEndpointRow,
};

/// What a notification endpoint is to be.
#[derive(InputObject)]
pub(super) struct CreateNotificationEndpointInput {
    /// Where messages go: https, on the public internet.
    url: Url,
    /// What people call it: at most 200 characters.
    description: Option<String>,
    /// What it is told of; nothing that the token of this request may not see.
    event_types: Vec<NotificationEventType>,
    /// Of these data connections only; of all, also those to come, where it is left out.
    connection_ids: Option<Vec<ID>>,
}

/// What became of creating a notification endpoint.
#[derive(SimpleObject)]
pub(super) struct CreateNotificationEndpointPayload {
    /// The endpoint, told what happens from now on; null where something stood in the way.
    endpoint: Option<NotificationEndpoint>,
    /// What messages are signed with, `whsec_…`. Shown this once.
    secret: Option<String>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(in crate::graphql) struct CreateEndpointMutation;

#[Object]
impl CreateEndpointMutation {
    /// Creates an endpoint that is told what happens, by signed requests after the Standard Webhooks specification.
    async fn create_notification_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the endpoint is to be.")] input: CreateNotificationEndpointInput,
    ) -> Result<CreateNotificationEndpointPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        Ok(match create(ctx.gateway()?, caller, input).await {
            Ok((row, secret)) => CreateNotificationEndpointPayload {
                endpoint: Some(row.into()),
                secret: Some(secret.expose_secret().to_owned()),
                errors: Vec::new(),
            },
            Err(error) => CreateNotificationEndpointPayload {
                endpoint: None,
                secret: None,
                errors: vec![refusal(error)?],
            },
        })
    }
}

async fn create(
    gateway: &Gateway,
    caller: &Caller,
    input: CreateNotificationEndpointInput,
) -> Result<(NotificationEndpointRow, SecretString), EndpointError> {
    let ids = input.connection_ids.as_deref();
    let new = NewEndpoint {
        url: input.url.url,
        description: input.description,
        event_types: input.event_types.into_iter().map(Into::into).collect(),
        connections: ids.map(connections).transpose()?,
    };
    gateway.create_notification_endpoint(caller, new).await
}
