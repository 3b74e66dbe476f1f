use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::TimeDelta;
use secrecy::ExposeSecret;

use crate::{
    auth::Scope,
    domain::token::{RotateTokenError, Rotated, Rotation},
    graphql::{
        context::ContextExt,
        error::ApiError,
        node_id,
        scalar::DateTime,
        types::{ApiToken, DomainError, InvalidInputError, NotFoundError},
    },
};

/// Which API token to rotate, and how.
#[derive(InputObject)]
pub(super) struct RotateApiTokenInput {
    /// The token's id; not its secret.
    token_id: ID,
    /// How many seconds the old secret is good beside the new one, so that no program that uses it is cut off: 0 to end it at once, at most 604800 (7 days).
    #[graphql(default = 3600)]
    overlap_seconds: i32,
    /// When the new token ends; where it is left out, when the old one would have.
    expires_at: Option<DateTime>,
}

/// What became of rotating an API token.
#[derive(Default, SimpleObject)]
pub(super) struct RotateApiTokenPayload {
    /// The token that takes the place of the old one, with the same name and scopes; null where something stood in the way.
    token: Option<ApiToken>,
    /// The new token's secret, shown this once.
    secret: Option<String>,
    /// The old token, with its end.
    replaced: Option<ApiToken>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct RotateTokenMutation;

#[Object]
impl RotateTokenMutation {
    /// Gives an API token a new secret, the request's own token too: a new token takes its place, and the old one ends after a while or at once, with everything that is open with it. Needs the scope `TOKENS_MANAGE`, and the scopes of the token.
    async fn rotate_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token, and how to rotate it.")] input: RotateApiTokenInput,
    ) -> Result<RotateApiTokenPayload, ApiError> {
        let caller = ctx.caller_with(Scope::TokensManage)?;
        let rotated = match node_id::decode(&input.token_id) {
            Some(token) => {
                let rotation = Rotation {
                    token,
                    overlap: TimeDelta::seconds(input.overlap_seconds.into()),
                    expires_at: input.expires_at.map(|at| at.0),
                };
                ctx.gateway()?.rotate_token(caller, rotation).await
            }
            None => Err(RotateTokenError::NotFound),
        };
        Ok(match rotated {
            Ok(Rotated {
                token,
                secret,
                replaced,
            }) => RotateApiTokenPayload {
                token: Some(token.into()),
                secret: Some(secret.expose_secret().to_owned()),
                replaced: Some(replaced.into()),
                errors: Vec::new(),
            },
            Err(error) => RotateApiTokenPayload {
                errors: vec![refusal(error)?],
                ..RotateApiTokenPayload::default()
            },
        })
    }
}

fn refusal(error: RotateTokenError) -> Result<DomainError, ApiError> {
    let message = error.to_string();
    Ok(match error {
        RotateTokenError::NotFound => NotFoundError::at("tokenId", message),
        RotateTokenError::Ended
        | RotateTokenError::Replaced
        | RotateTokenError::ScopeNotHeld(_) => InvalidInputError::at("tokenId", message),
        RotateTokenError::Overlap => InvalidInputError::at("overlapSeconds", message),
        RotateTokenError::Expired | RotateTokenError::Outlives => {
            InvalidInputError::at("expiresAt", message)
        }
        RotateTokenError::Storage(cause) => return Err(cause.into()),
    })
}
