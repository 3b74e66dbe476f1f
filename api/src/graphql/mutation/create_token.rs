use async_graphql::{Context, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;

use crate::{
    auth,
    domain::token::{CreateTokenError, NewToken},
    graphql::{
        context::ContextExt,
        error::ApiError,
        scalar::DateTime,
        types::{ApiToken, DomainError, InvalidInputError, Scope},
    },
};

/// What a new API token is to be.
#[derive(InputObject)]
pub(super) struct CreateApiTokenInput {
    /// What people call it: 1 to 100 characters.
    name: String,
    /// What it may do; nothing that the token of this request may not.
    scopes: Vec<Scope>,
    /// When it ends; never where it is left out.
    expires_at: Option<DateTime>,
}

/// What became of creating an API token.
#[derive(Default, SimpleObject)]
pub(super) struct CreateApiTokenPayload {
    /// The token; null where something stood in the way.
    token: Option<ApiToken>,
    /// Shown this once.
    secret: Option<String>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct CreateTokenMutation;

#[Object]
impl CreateTokenMutation {
    /// Creates an API token with no more scopes than the token of this request. Needs the scope `TOKENS_MANAGE`.
    async fn create_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the token is to be.")] input: CreateApiTokenInput,
    ) -> Result<CreateApiTokenPayload, ApiError> {
        let caller = ctx.caller_with(auth::Scope::TokensManage)?;
        let new = NewToken {
            name: input.name,
            scopes: input.scopes.into_iter().map(Into::into).collect(),
            expires_at: input.expires_at.map(|at| at.0),
        };
        Ok(match ctx.gateway()?.create_token(caller, new).await {
            Ok((row, secret)) => CreateApiTokenPayload {
                token: Some(row.into()),
                secret: Some(secret.expose_secret().to_owned()),
                errors: Vec::new(),
            },
            Err(error) => {
                let errors = vec![refusal(error)?];
                CreateApiTokenPayload {
                    errors,
                    ..CreateApiTokenPayload::default()
                }
            }
        })
    }
}

fn refusal(error: CreateTokenError) -> Result<DomainError, ApiError> {
    let message = error.to_string();
    Ok(match error {
        CreateTokenError::Name(_) => InvalidInputError::at("name", message),
        CreateTokenError::NoScope | CreateTokenError::ScopeNotHeld(_) => {
            InvalidInputError::at("scopes", message)
        }
        CreateTokenError::Expired | CreateTokenError::Outlives => {
            InvalidInputError::at("expiresAt", message)
        }
        CreateTokenError::Storage(cause) => return Err(cause.into()),
    })
}
