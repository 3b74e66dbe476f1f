use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::NO_CONNECTION;
use crate::{
    auth::{Caller, Scope},
    domain::{
        Gateway,
        permission::webhook_rows,
        webhook::{RebuildError, Rebuilt, WebhookFailure},
    },
    graphql::{
        context::ContextExt,
        cost::cost,
        error::ApiError,
        node_id,
        types::{
            ConflictingEndpoint, DataConnection, DomainError, InvalidInputError,
            MissingPermissionsError, NotFoundError, StripePermission, StripeUnavailableError,
            Webhook,
        },
    },
};

/// Whose webhook to make anew.
#[derive(InputObject)]
pub(super) struct RebuildWebhookInput {
    /// The data connection.
    connection_id: ID,
}

/// What became of making a webhook anew.
#[derive(SimpleObject)]
pub(super) struct RebuildWebhookPayload {
    /// The data connection; null where something stood in the way.
    connection: Option<DataConnection>,
    /// The new webhook; null where something stood in the way.
    webhook: Option<Webhook>,
    /// The older endpoints that were removed.
    removed: Vec<ConflictingEndpoint>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Removes the gateway's older webhooks from the Stripe account and creates a fresh one with a new secret.
    #[graphql(directive = cost::apply(2_000))]
    async fn rebuild_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data connection.")] input: RebuildWebhookInput,
    ) -> Result<RebuildWebhookPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        Ok(match rebuild(ctx.gateway()?, caller, &input).await? {
            Ok(rebuilt) => RebuildWebhookPayload {
                webhook: Webhook::of(&rebuilt.webhook),
                connection: Some(rebuilt.connection.into()),
                removed: ConflictingEndpoint::all(rebuilt.removed),
                errors: Vec::new(),
            },
            Err(error) => RebuildWebhookPayload {
                connection: None,
                webhook: None,
                removed: Vec::new(),
                errors: vec![error],
            },
        })
    }
}

async fn rebuild(
    gateway: &Gateway,
    caller: &Caller,
    input: &RebuildWebhookInput,
) -> Result<Result<Rebuilt, DomainError>, ApiError> {
    let Some(id) = node_id::decode(&input.connection_id) else {
        return Ok(Err(NotFoundError::at("connectionId", NO_CONNECTION)));
    };
    match gateway.rebuild_webhook(caller, id).await {
        Ok(rebuilt) => Ok(Ok(rebuilt)),
        Err(error) => refusal(error).map(Err),
    }
}

/// How long to wait where somebody else is at it, in seconds.
const A_MOMENT: i32 = 5;

fn refusal(error: RebuildError) -> Result<DomainError, ApiError> {
    let message = error.to_string();
    let failure = match error {
        RebuildError::Storage(cause) => return Err(cause.into()),
        RebuildError::NotFound => return Ok(NotFoundError::at("connectionId", message)),
        RebuildError::Disconnected | RebuildError::Platform | RebuildError::Unreadable => {
            return Ok(InvalidInputError::at("connectionId", message));
        }
        RebuildError::Failed(failure) => failure,
    };
    Ok(match failure {
        WebhookFailure::NotGranted => {
            let missing = webhook_rows().map(StripePermission).collect();
            MissingPermissionsError::at("connectionId", message, missing)
        }
        WebhookFailure::Unavailable { retry_after } => {
            let seconds = retry_after.map(|wait| i32::try_from(wait).unwrap_or(i32::MAX));
            StripeUnavailableError::at(None, message, seconds)
        }
        WebhookFailure::Underway => StripeUnavailableError::at(None, message, Some(A_MOMENT)),
        WebhookFailure::Storage(cause) => return Err(cause.into()),
        _ => InvalidInputError::at("connectionId", message),
    })
}
