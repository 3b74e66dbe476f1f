use async_graphql::{Context, Object};

use crate::graphql::{
    context::ContextExt,
    cost::list_size,
    error::ApiError,
    types::{StripePermission, Viewer},
};

#[derive(Default)]
pub(super) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who is asking.
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer, ApiError> {
        Ok(Viewer(ctx.caller()?.clone()))
    }

    /// What a restricted key must grant, in the order in which the Stripe dashboard lists it.
    #[graphql(directive = list_size::apply(20))]
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn stripe_permissions(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<StripePermission>, ApiError> {
        ctx.caller()?;
        Ok(StripePermission::all())
    }
}
