use std::sync::Arc;

use async_graphql::{Context, Description, Enum, ID, Object};

use crate::{
    auth,
    domain::token::scopes_of,
    graphql::{context::ContextExt, error::ApiError, node_id, scalar::DateTime},
    ids::TokenId,
    storage::TokenRow,
};

/// What an API token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "auth::Scope")]
pub(in crate::graphql) enum Scope {
    /// See data connections, their permissions and their imports.
    ConnectionsRead,
    /// Make, change and remove data connections, and start imports.
    ConnectionsWrite,
    /// See payments and what belongs to them.
    PaymentsRead,
    /// Make, rotate and revoke API tokens.
    TokensManage,
}

/// A token that lets a program call this API; its secret is shown once, when it is created.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct ApiToken(Arc<TokenRow>);

impl From<Arc<TokenRow>> for ApiToken {
    fn from(row: Arc<TokenRow>) -> Self {
        Self(row)
    }
}

impl From<TokenRow> for ApiToken {
    fn from(row: TokenRow) -> Self {
        Self(Arc::new(row))
    }
}

#[Object(use_type_description)]
impl ApiToken {
    /// The token's id; not its secret.
    pub(in crate::graphql) async fn id(&self) -> ID {
        node_id::encode(TokenId(self.0.id))
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The first characters of the secret, to tell tokens apart.
    async fn hint(&self) -> &str {
        &self.0.hint
    }

    /// What it may do.
    async fn scopes(&self) -> Vec<Scope> {
        scopes_of(&self.0).iter().map(Scope::from).collect()
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it ends; null for never.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }

    /// When it was last used, to the minute.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime)
    }

    /// When it was revoked; null while it is good.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }

    /// The token that took its place with `rotateApiToken`; null unless one did.
    async fn replaced_by(&self, ctx: &Context<'_>) -> Result<Option<ApiToken>, ApiError> {
        let Some(id) = self.0.replaced_by else {
            return Ok(None);
        };
        ctx.caller_with(auth::Scope::TokensManage)?;
        Ok(ctx.loaders()?.find(TokenId(id)).await?.map(Self::from))
    }
}
