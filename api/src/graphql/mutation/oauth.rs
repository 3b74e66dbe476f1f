use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::NO_CONNECTION;
use crate::{
    auth::{Caller, Scope},
    domain::{
        Gateway,
        connection::{StartOAuth, StartOAuthError, StartedOAuth},
    },
    graphql::{
        context::ContextExt,
        error::{ApiError, Code},
        node_id,
        scalar::{DateTime, Url},
        types::{DomainError, InvalidInputError, NotFoundError},
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
    /// Stripe's live mode, or its test mode; null for the mode of the connection to connect again, else for live mode where the operator has set it up.
    livemode: Option<bool>,
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
    async fn start_stripe_oauth(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name, and where to go in the end.")] input: StartStripeOAuthInput,
    ) -> Result<StartStripeOAuthPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        let outcome = start(ctx.gateway()?, caller, input).await?;
        Ok(match outcome {
            Ok(started) => StartStripeOAuthPayload {
                authorization_url: Some(started.authorization_url.into()),
                expires_at: Some(started.expires_at.into()),
                errors: Vec::new(),
            },
            Err(error) => StartStripeOAuthPayload {
                authorization_url: None,
                expires_at: None,
                errors: vec![error],
            },
        })
    }
}

async fn start(
    gateway: &Gateway,
    caller: &Caller,
    input: StartStripeOAuthInput,
) -> Result<Result<StartedOAuth, DomainError>, ApiError> {
    let connection = match &input.connection_id {
        None => None,
        Some(id) => match node_id::decode(id) {
            Some(key) => Some(key),
            None => return Ok(Err(NotFoundError::at("connectionId", NO_CONNECTION))),
        },
    };
    let wanted = StartOAuth {
        name: input.name,
        return_url: input.return_url.map(|url| (url.written, url.url)),
        connection,
        livemode: input.livemode,
    };
    match gateway.start_oauth(caller, wanted).await {
        Ok(started) => Ok(Ok(started)),
        Err(error) => refusal(error).map(Err),
    }
}

/// What to tell the caller about a flow that was not started.
fn refusal(error: StartOAuthError) -> Result<DomainError, ApiError> {
    let message = error.to_string();
    Ok(match error {
        StartOAuthError::Name(_) | StartOAuthError::NameTaken => {
            InvalidInputError::at("name", message)
        }
        StartOAuthError::ReturnUrl => InvalidInputError::at("returnUrl", message),
        StartOAuthError::UnknownConnection => NotFoundError::at("connectionId", message),
        StartOAuthError::OtherMode | StartOAuthError::NotConfigured(_) => {
            InvalidInputError::at("livemode", message)
        }
        StartOAuthError::States(cause) => {
            tracing::error!(error = %cause, "the state of a flow cannot be kept");
            return Err(ApiError::new(Code::OAuthUnavailable, message));
        }
        StartOAuthError::Storage(cause) => return Err(cause.into()),
    })
}
