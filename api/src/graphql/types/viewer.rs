use async_graphql::{Context, Description, ID, Object};

use super::token::{ApiToken, Scope};
use crate::{
    auth::Caller,
    graphql::{context::ContextExt, error::ApiError, node_id, scalar::DateTime},
    ids::WorkspaceId,
    storage::WorkspaceRow,
};

/// Who is asking.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct Viewer(pub(in crate::graphql) Caller);

#[Object(use_type_description)]
impl Viewer {
    /// The workspace that the request sees and acts in.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Workspace, ApiError> {
        let found = ctx.store()?.find_workspace(self.0.workspace).await?;
        found.map(Workspace).ok_or_else(ApiError::unauthenticated)
    }

    /// The API token of the request; none where a token of the host application was sent.
    async fn token(&self, ctx: &Context<'_>) -> Result<Option<ApiToken>, ApiError> {
        if self.0.host.is_some() {
            return Ok(None);
        }
        Ok(ctx.loaders()?.find(self.0.token).await?.map(ApiToken::from))
    }

    /// What the request may do.
    async fn scopes(&self) -> Vec<Scope> {
        self.0.scopes.iter().map(Scope::from).collect()
    }
}

/// A tenant: everything else belongs to one, and is seen by nobody else.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct Workspace(pub(in crate::graphql) WorkspaceRow);

#[Object(use_type_description)]
impl Workspace {
    /// The workspace's id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        node_id::encode(WorkspaceId(self.0.id))
    }

    /// The workspace's name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}
