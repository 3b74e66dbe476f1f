use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    auth::{Caller, Scope},
    domain::{Gateway, notification::SendError},
    graphql::{
        context::ContextExt,
        cost::cost,
        error::ApiError,
        mutation::parts,
        node_id,
        types::{DomainError, InvalidInputError, NotFoundError, NotificationDelivery},
    },
    storage::NotificationDeliveryRow,
};

/// Which notification endpoint to try.
#[derive(InputObject)]
pub(super) struct SendTestNotificationInput {
    /// The endpoint.
    endpoint_id: ID,
}

/// What became of trying a notification endpoint.
#[derive(SimpleObject)]
pub(super) struct SendTestNotificationPayload {
    /// The message, which is on its way; null where something stood in the way.
    delivery: Option<NotificationDelivery>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

/// Which delivery to send again.
#[derive(InputObject)]
pub(super) struct RedeliverNotificationInput {
    /// The delivery.
    delivery_id: ID,
}

/// What became of sending a delivery again.
#[derive(SimpleObject)]
pub(super) struct RedeliverNotificationPayload {
    /// The delivery, which is on its way again; null where something stood in the way.
    delivery: Option<NotificationDelivery>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(in crate::graphql) struct SendMutation;

#[Object]
impl SendMutation {
    /// Sends a notification endpoint a message of the type `notification.test`. Its delivery tells what came of it.
    #[graphql(directive = cost::apply(100))]
    async fn send_test_notification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint.")] input: SendTestNotificationInput,
    ) -> Result<SendTestNotificationPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        let (delivery, errors) = parts(test(ctx.gateway()?, caller, &input).await?);
        Ok(SendTestNotificationPayload { delivery, errors })
    }

    /// Sends a delivery again, whatever became of it: the same message under the same `webhook-id`, at once, and where it
    /// fails as often as a new one.
    #[graphql(directive = cost::apply(100))]
    async fn redeliver_notification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The delivery.")] input: RedeliverNotificationInput,
    ) -> Result<RedeliverNotificationPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        let (delivery, errors) = parts(redeliver(ctx.gateway()?, caller, &input).await?);
        Ok(RedeliverNotificationPayload { delivery, errors })
    }
}

async fn test(
    gateway: &Gateway,
    caller: &Caller,
    input: &SendTestNotificationInput,
) -> Result<Result<NotificationDeliveryRow, DomainError>, ApiError> {
    let Some(id) = node_id::decode(&input.endpoint_id) else {
        return refusal("endpointId", SendError::NoEndpoint);
    };
    match gateway.send_test_notification(caller, id).await {
        Ok(row) => Ok(Ok(row)),
        Err(error) => refusal("endpointId", error),
    }
}

async fn redeliver(
    gateway: &Gateway,
    caller: &Caller,
    input: &RedeliverNotificationInput,
) -> Result<Result<NotificationDeliveryRow, DomainError>, ApiError> {
    let Some(id) = node_id::decode(&input.delivery_id) else {
        return refusal("deliveryId", SendError::NoDelivery);
    };
    match gateway.redeliver_notification(caller, id).await {
        Ok(row) => Ok(Ok(row)),
        Err(error) => refusal("deliveryId", error),
    }
}

fn refusal<T>(field: &'static str, error: SendError) -> Result<Result<T, DomainError>, ApiError> {
    let message = error.to_string();
    Ok(Err(match error {
        SendError::NoEndpoint | SendError::NoDelivery => NotFoundError::at(field, message),
        SendError::Disabled => InvalidInputError::at(field, message),
        SendError::Storage(cause) => return Err(cause.into()),
    }))
}
