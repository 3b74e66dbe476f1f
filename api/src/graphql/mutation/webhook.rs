use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    auth::Scope,
    graphql::{
        context::ContextExt,
        error::ApiError,
        types::{ConflictingEndpoint, DataConnection, DomainError, Webhook},
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
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn rebuild_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data connection.")] input: RebuildWebhookInput,
    ) -> Result<RebuildWebhookPayload, ApiError> {
        let RebuildWebhookInput { connection_id: _ } = input;
        ctx.caller_with(Scope::ConnectionsWrite)?;
        Err(ApiError::not_implemented("rebuildWebhook"))
    }
}
