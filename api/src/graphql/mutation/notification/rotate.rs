use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::{ExposeSecret, SecretString};

use super::NO_ENDPOINT;
use crate::{
    auth::{Caller, Scope},
    domain::{Gateway, notification::RotateError},
    graphql::{
        context::ContextExt,
        error::ApiError,
        node_id,
        types::{DomainError, NotFoundError, NotificationEndpoint},
    },
    storage::NotificationEndpointRow,
};

/// Which notification endpoint is to have another secret.
#[derive(InputObject)]
pub(super) struct RotateNotificationSecretInput {
    /// The endpoint.
    endpoint_id: ID,
}

/// What became of replacing the secret of a notification endpoint.
#[derive(SimpleObject)]
pub(super) struct RotateNotificationSecretPayload {
    /// The endpoint; null where something stood in the way.
    endpoint: Option<NotificationEndpoint>,
    /// The new secret, `whsec_…`. Shown this once.
    secret: Option<String>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(in crate::graphql) struct RotateSecretMutation;

#[Object]
impl RotateSecretMutation {
    /// Gives a notification endpoint another secret. For 24 hours messages are signed with both, the new one and the one
    /// before it; one that was older ends at once.
    async fn rotate_notification_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint.")] input: RotateNotificationSecretInput,
    ) -> Result<RotateNotificationSecretPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        Ok(match rotate(ctx.gateway()?, caller, &input).await? {
            Ok((row, secret)) => RotateNotificationSecretPayload {
                endpoint: Some(row.into()),
                secret: Some(secret.expose_secret().to_owned()),
                errors: Vec::new(),
            },
            Err(error) => RotateNotificationSecretPayload {
                endpoint: None,
                secret: None,
                errors: vec![error],
            },
        })
    }
}

async fn rotate(
    gateway: &Gateway,
    caller: &Caller,
    input: &RotateNotificationSecretInput,
) -> Result<Result<(NotificationEndpointRow, SecretString), DomainError>, ApiError> {
    let unknown = || Ok(Err(NotFoundError::at("endpointId", NO_ENDPOINT)));
    let Some(id) = node_id::decode(&input.endpoint_id) else {
        return unknown();
    };
    match gateway.rotate_notification_secret(caller, id).await {
        Ok(rotated) => Ok(Ok(rotated)),
        Err(RotateError::NotFound) => unknown(),
        Err(RotateError::Sealed(cause)) => Err(ApiError::internal(&cause)),
        Err(RotateError::Storage(cause)) => Err(cause.into()),
    }
}
