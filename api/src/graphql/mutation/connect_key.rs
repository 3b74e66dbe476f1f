use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::SecretString;

use super::NO_CONNECTION;
use crate::{
    auth::{Caller, Scope},
    domain::{
        Gateway,
        connection::{ConnectError, ConnectWithApiKey, Connected},
        webhook::conflict_words,
    },
    graphql::{
        context::ContextExt,
        cost::cost,
        error::ApiError,
        node_id,
        types::{
            AccountAlreadyConnectedError, ConflictingEndpoint, DataConnection, DomainError,
            InvalidApiKeyError, InvalidInputError, MissingPermissionsError, NotFoundError,
            StripePermission, StripeUnavailableError, WebhookAlreadyExistsError,
        },
    },
};

/// What is needed to connect an account by a restricted key.
#[derive(InputObject)]
pub(super) struct ConnectWithApiKeyInput {
    /// What the data connection is to be called: 1 to 100 characters, unique in the workspace without regard to case.
    name: String,
    /// The restricted key, which starts with `rk_live_` or `rk_test_`.
    #[graphql(secret)]
    api_key: String,
    /// Give an existing connection a new key.
    connection_id: Option<ID>,
}

/// What became of connecting an account.
#[derive(SimpleObject)]
pub(super) struct ConnectWithApiKeyPayload {
    /// The data connection, with its import under way; null where something stood in the way.
    connection: Option<DataConnection>,
    /// What stood in the way. Only a webhook that already exists leaves a connection beside it; otherwise nothing was stored.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct ConnectKeyMutation;

#[Object]
impl ConnectKeyMutation {
    /// Connects an account by a restricted key: checks it and its permissions, creates the webhook, starts the import.
    #[graphql(directive = cost::apply(2_000))]
    async fn connect_with_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name and the key.")] input: ConnectWithApiKeyInput,
    ) -> Result<ConnectWithApiKeyPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        Ok(match connect(ctx.gateway()?, caller, input).await? {
            Ok(connected) => ConnectWithApiKeyPayload {
                errors: conflict(&connected),
                connection: Some(connected.connection.into()),
            },
            Err(error) => ConnectWithApiKeyPayload {
                connection: None,
                errors: vec![error],
            },
        })
    }
}

/// What is told of older webhooks, beside the connection.
fn conflict(connected: &Connected) -> Vec<DomainError> {
    if connected.conflicting.is_empty() {
        return Vec::new();
    }
    let words = conflict_words(&connected.conflicting);
    let endpoints = ConflictingEndpoint::all(connected.conflicting.clone());
    vec![WebhookAlreadyExistsError::at("apiKey", words, endpoints)]
}

async fn connect(
    gateway: &Gateway,
    caller: &Caller,
    input: ConnectWithApiKeyInput,
) -> Result<Result<Connected, DomainError>, ApiError> {
    let connection = match &input.connection_id {
        None => None,
        Some(id) => match node_id::decode(id) {
            Some(key) => Some(key),
            None => return Ok(Err(NotFoundError::at("connectionId", NO_CONNECTION))),
        },
    };
    let (name, api_key) = (input.name, SecretString::from(input.api_key));
    let wanted = ConnectWithApiKey {
        name,
        api_key,
        connection,
    };
    match gateway.connect_with_api_key(caller, wanted).await {
        Ok(connected) => Ok(Ok(connected)),
        Err(error) => refusal(error).map(Err),
    }
}

/// What to tell the caller about a key that was not taken.
pub(super) fn refusal(error: ConnectError) -> Result<DomainError, ApiError> {
    let message = error.to_string();
    Ok(match error {
        ConnectError::Name(_) | ConnectError::NameTaken => InvalidInputError::at("name", message),
        ConnectError::Key(_) | ConnectError::KeyRejected(_) | ConnectError::AccountNotTold => {
            InvalidApiKeyError::at("apiKey", message)
        }
        ConnectError::OtherAccount => InvalidInputError::at("apiKey", message),
        ConnectError::UnknownConnection => NotFoundError::at("connectionId", message),
        ConnectError::MissingPermissions(missing) => {
            let missing = missing.into_iter().map(StripePermission).collect();
            MissingPermissionsError::at("apiKey", message, missing)
        }
        ConnectError::AlreadyConnected(row) => {
            AccountAlreadyConnectedError::at("apiKey", message, (*row).into())
        }
        ConnectError::StripeUnavailable { retry_after } => {
            let seconds = retry_after.map(|wait| i32::try_from(wait).unwrap_or(i32::MAX));
            StripeUnavailableError::at(None, message, seconds)
        }
        ConnectError::Storage(cause) => return Err(cause.into()),
    })
}
