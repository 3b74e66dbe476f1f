use async_graphql::{Context, ID, Interface};

use super::{
    data_connection::DataConnection, dispute::Dispute, import::Import,
    notification_delivery::NotificationDelivery, notification_endpoint::NotificationEndpoint,
    payment::Payment, payment_export::PaymentExport, refund::Refund, token::ApiToken,
    viewer::Workspace,
};
use crate::{
    auth::Scope,
    graphql::{
        context::ContextExt,
        error::ApiError,
        node_id::{NodeKey, decode},
    },
    ids::{
        ConnectionId, DisputeId, ExportId, ImportId, NotificationDeliveryId,
        NotificationEndpointId, PaymentId, RefundId, TokenId, WorkspaceId,
    },
};

/// Something with an id of its own, by which `node` finds it again.
#[derive(Clone, Debug, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id, unique among everything."))]
pub(in crate::graphql) enum Node {
    DataConnection(DataConnection),
    Import(Import),
    Payment(Payment),
    Refund(Refund),
    Dispute(Dispute),
    Workspace(Workspace),
    ApiToken(ApiToken),
    PaymentExport(PaymentExport),
    NotificationEndpoint(NotificationEndpoint),
    NotificationDelivery(NotificationDelivery),
}

impl Node {
    /// The node of this id, where the workspace has it and the caller may see its kind.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        id: &str,
    ) -> Result<Option<Self>, ApiError> {
        let caller = ctx.caller()?;
        let Some(kind) = Kind::of(id) else {
            return Ok(None);
        };
        if let Some(scope) = kind.scope() {
            caller.require(scope)?;
        }
        let loaders = ctx.loaders()?;
        Ok(match kind {
            Kind::Connection(id) => loaders
                .find(id)
                .await?
                .map(|row| DataConnection::from(row).into()),
            Kind::Import(id) => loaders.find(id).await?.map(|row| Import::from(row).into()),
            Kind::Payment(id) => Payment::find(ctx, Some(id)).await?.map(Self::from),
            Kind::Refund(id) => loaders.find(id).await?.map(|row| Refund::from(row).into()),
            Kind::Dispute(id) => loaders.find(id).await?.map(|row| Dispute::from(row).into()),
            Kind::Token(id) => loaders
                .find(id)
                .await?
                .map(|row| ApiToken::from(row).into()),
            Kind::Export(id) => loaders
                .find(id)
                .await?
                .map(|row| PaymentExport::from(row).into()),
            Kind::Endpoint(id) => loaders
                .find(id)
                .await?
                .map(|row| NotificationEndpoint::from(row).into()),
            Kind::Delivery(id) => loaders
                .find(id)
                .await?
                .map(|row| NotificationDelivery::from(row).into()),
            Kind::Workspace(id) if id == caller.workspace => ctx
                .store()?
                .find_workspace(id)
                .await?
                .map(|row| Workspace(row).into()),
            Kind::Workspace(_) => None,
        })
    }
}

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Connection(ConnectionId),
    Import(ImportId),
    Payment(PaymentId),
    Refund(RefundId),
    Dispute(DisputeId),
    Workspace(WorkspaceId),
    Token(TokenId),
    Export(ExportId),
    Endpoint(NotificationEndpointId),
    Delivery(NotificationDeliveryId),
}

impl Kind {
    fn of(id: &str) -> Option<Self> {
        fn read<K: NodeKey>(id: &str, kind: impl Fn(K) -> Kind) -> Option<Kind> {
            decode(id).map(kind)
        }
        read(id, Self::Connection)
            .or_else(|| read(id, Self::Import))
            .or_else(|| read(id, Self::Payment))
            .or_else(|| read(id, Self::Refund))
            .or_else(|| read(id, Self::Dispute))
            .or_else(|| read(id, Self::Workspace))
            .or_else(|| read(id, Self::Token))
            .or_else(|| read(id, Self::Export))
            .or_else(|| read(id, Self::Endpoint))
            .or_else(|| read(id, Self::Delivery))
    }

    fn scope(self) -> Option<Scope> {
        match self {
            Self::Connection(_) | Self::Import(_) | Self::Endpoint(_) | Self::Delivery(_) => {
                Some(Scope::ConnectionsRead)
            }
            Self::Payment(_) | Self::Refund(_) | Self::Dispute(_) | Self::Export(_) => {
                Some(Scope::PaymentsRead)
            }
            Self::Token(_) => Some(Scope::TokensManage),
            Self::Workspace(_) => None,
        }
    }
}
