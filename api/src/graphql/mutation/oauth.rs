use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    auth::Scope,
    graphql::{
        context::ContextExt,
        error::ApiError,
        scalar::{DateTime, Url},
        types::DomainError,
    },
};

/// What is needed to connect an account by OAuth.
#[derive(InputObject)]
pub(super) struct StartStripeOAuthInput {
    /// What the data connection is to be called: 1 to 100 characters, unique in the workspace without regard to case.
    name: String,
    /// Where the gateway sends the user in the end; it must be one that the operator allows.
    return_url: Option<Url>,
    /// Connect again an existing connection, e.g. after access was revoked.
    connection_id: Option<ID>,
}

/// Where connecting by OAuth goes on.
#[derive(SimpleObject)]
pub(super) struct StartStripeOAuthPayload {
    /// Where to send the user; null where something stood in the way.
    authorization_url: Option<Url>,
    /// Until when the user must have come back.
    expires_at: Option<DateTime>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct OAuthMutation;

#[Object]
impl OAuthMutation {
    /// Starts the OAuth flow: send the user to authorizationUrl. Stripe sends them back to the gateway, and the gateway to returnUrl with ?connection=ID or ?error=CODE.
    #[graphql(name = "startStripeOAuth")]
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn start_stripe_oauth(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name, and where to go in the end.")] input: StartStripeOAuthInput,
    ) -> Result<StartStripeOAuthPayload, ApiError> {
        let StartStripeOAuthInput {
            name: _,
            return_url: _,
            connection_id: _,
        } = input;
        ctx.caller_with(Scope::ConnectionsWrite)?;
        Err(ApiError::not_implemented("startStripeOAuth"))
    }
}
