//! The subscriptions.

mod valid;

pub(super) use valid::TokenCheck;

use async_graphql::{Context, ID, Subscription as GraphQLSubscription};
use futures_util::{Stream, StreamExt};

use super::{
    context::ContextExt,
    cost::list_size,
    error::ApiError,
    flat::{Rows, columns_under},
    node_id,
    types::{DataConnection, ImportProgress, Payment, PaymentExport, PaymentFilter},
};
use crate::{
    auth::Scope,
    domain::payment::MOST_IN_BATCH,
    ids::{ConnectionId, ExportId},
};

#[derive(Default)]
pub(super) struct Subscription;

// What begins a stream is in a box of its own, which goes when it has begun: the library keeps room for all that a resolver
// waits for as long as its stream is open.
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
        let begun = Box::pin(gateway.watch_progress(caller.workspace, key));
        let watched = begun.await?.ok_or_else(unknown)?;
        let changes = watched.map(|change| Ok(change?.into()));
        valid::while_valid(ctx, changes)
    }

    /// Every change to the workspace's data connections (or to one): created, renamed, status, webhook. Each is told as it stands by then, and changes that follow each other closely as one. Needs the scope `CONNECTIONS_READ`.
    async fn connection_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this data connection.")] connection_id: Option<ID>,
    ) -> Result<impl Stream<Item = Result<DataConnection, ApiError>> + use<>, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsRead)?;
        let gateway = ctx.gateway()?;
        let unknown = || ApiError::bad_input("There is no such connection.");
        let only = match connection_id {
            Some(id) => Some(node_id::decode::<ConnectionId>(&id).ok_or_else(unknown)?),
            None => None,
        };
        let begun = Box::pin(gateway.watch_connections(caller.workspace, only));
        let watched = begun.await?.ok_or_else(unknown)?;
        let changes = watched.map(|change| Ok(change?.into()));
        valid::while_valid(ctx, changes)
    }

    /// Payments as they are imported or changed by live events, in batches of at most 100. Whoever reads too slowly is told by the error code `RESYNC_REQUIRED` to ask `payments` again and to subscribe anew. Needs the scope `PAYMENTS_READ`.
    #[graphql(directive = list_size::apply(MOST_IN_BATCH))]
    async fn payments_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payments; all where it is left out.")] filter: Option<
            PaymentFilter,
        >,
    ) -> Result<impl Stream<Item = Result<Rows<Payment>, ApiError>> + use<>, ApiError> {
        let caller = ctx.caller_with(Scope::PaymentsRead)?;
        let gateway = ctx.gateway()?;
        let search = filter.unwrap_or_default().into_search(None);
        let columns = columns_under::<Payment>(ctx, &[&[]]);
        let begun = Box::pin(gateway.watch_payments(caller.workspace, &search, columns));
        let watched = begun.await?;
        let changes =
            watched.map(|batch| Ok(batch?.into_iter().map(Payment::from).collect::<Rows<_>>()));
        valid::while_valid(ctx, changes)
    }

    /// An export of payments: where it stands at once, then each change, to its end. Needs the scope `PAYMENTS_READ`.
    async fn export_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The export.")] id: ID,
    ) -> Result<impl Stream<Item = Result<PaymentExport, ApiError>> + use<>, ApiError> {
        let caller = ctx.caller_with(Scope::PaymentsRead)?;
        let gateway = ctx.gateway()?;
        let unknown = || ApiError::bad_input("There is no such export.");
        let key: ExportId = node_id::decode(&id).ok_or_else(unknown)?;
        let begun = Box::pin(gateway.watch_export(caller.workspace, key));
        let watched = begun.await?.ok_or_else(unknown)?;
        let changes = watched.map(|change| Ok(change?.into()));
        valid::while_valid(ctx, changes)
    }
}
