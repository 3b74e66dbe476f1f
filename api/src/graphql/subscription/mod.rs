//! The subscriptions.

mod valid;

use async_graphql::{Context, ID, Subscription as GraphQLSubscription};
use futures_util::{Stream, StreamExt, stream::BoxStream};

use super::{
    context::ContextExt,
    error::ApiError,
    node_id,
    types::{DataConnection, ImportProgress, Payment, PaymentFilter},
};
use crate::{auth::Scope, ids::ConnectionId};

#[derive(Default)]
pub(super) struct Subscription;

/// What can be watched.
#[GraphQLSubscription]
impl Subscription {
    /// The newest import of a connection: where it stands at once, then each change, to its end; a later import goes on in the same stream. Needs the scope `CONNECTIONS_READ`.
    async fn import_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data connection.")] connection_id: ID,
    ) -> Result<impl Stream<Item = Result<ImportProgress, ApiError>> + use<>, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsRead)?;
        let gateway = ctx.gateway()?;
        let unknown = || ApiError::bad_input("There is no such connection.");
        let key: ConnectionId = node_id::decode(&connection_id).ok_or_else(unknown)?;
        let watched = gateway
            .watch_progress(caller.workspace, key)
            .await?
            .ok_or_else(unknown)?;
        let changes = watched.map(|change| Ok(change?.into()));
        Ok(valid::while_valid(gateway.clone(), caller.clone(), changes))
    }

    /// Every change to the workspace's data connections (or to one): created, renamed, status, webhook. Needs the scope `CONNECTIONS_READ`.
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn connection_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this data connection.")] connection_id: Option<ID>,
    ) -> Result<BoxStream<'static, DataConnection>, ApiError> {
        let _ = connection_id;
        ctx.caller_with(Scope::ConnectionsRead)?;
        Err(ApiError::not_implemented("connectionUpdated"))
    }

    /// Payments as they are imported or changed by live events, in small batches. Needs the scope `PAYMENTS_READ`.
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn payments_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payments; all where it is left out.")] filter: Option<
            PaymentFilter,
        >,
    ) -> Result<BoxStream<'static, Vec<Payment>>, ApiError> {
        let _ = filter;
        ctx.caller_with(Scope::PaymentsRead)?;
        Err(ApiError::not_implemented("paymentsChanged"))
    }
}
