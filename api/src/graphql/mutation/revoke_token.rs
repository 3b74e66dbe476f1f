use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::parts;
use crate::{
    auth::{Caller, Scope},
    domain::{Gateway, token::RevokeTokenError},
    graphql::{
        context::ContextExt,
        error::ApiError,
        node_id,
        types::{ApiToken, DomainError, NotFoundError},
    },
    storage::TokenRow,
};

/// Which API token to revoke.
#[derive(InputObject)]
pub(super) struct RevokeApiTokenInput {
    /// The token's id; not its secret.
    token_id: ID,
}

/// What became of revoking an API token.
#[derive(SimpleObject)]
pub(super) struct RevokeApiTokenPayload {
    /// The token, now revoked; null where something stood in the way.
    token: Option<ApiToken>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct RevokeTokenMutation;

#[Object]
impl RevokeTokenMutation {
    /// Revokes an API token, the request's own too: what comes with it from then on is refused. Needs the scope `TOKENS_MANAGE`.
    async fn revoke_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: RevokeApiTokenInput,
    ) -> Result<RevokeApiTokenPayload, ApiError> {
        let caller = ctx.caller_with(Scope::TokensManage)?;
        let (token, errors) = parts(revoke(ctx.gateway()?, caller, &input).await?);
        Ok(RevokeApiTokenPayload { token, errors })
    }
}

async fn revoke(
    gateway: &Gateway,
    caller: &Caller,
    input: &RevokeApiTokenInput,
) -> Result<Result<TokenRow, DomainError>, ApiError> {
    let unknown = || Ok(Err(NotFoundError::at("tokenId", "There is no such token.")));
    let Some(key) = node_id::decode(&input.token_id) else {
        return unknown();
    };
    match gateway.revoke_token(caller, key).await {
        Ok(row) => Ok(Ok(row)),
        Err(RevokeTokenError::NotFound) => unknown(),
        Err(RevokeTokenError::Storage(cause)) => Err(cause.into()),
    }
}
