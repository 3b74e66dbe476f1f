use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object};

use super::{
    connection_enums::{AuthMethod, DataConnectionStatus, DataConnectionStatusReason, Processor},
    data_health::DataHealth,
    import::Import,
    lists::{ImportConnection, PaymentConnection},
    payment_filter::PaymentFilter,
    payment_order::PaymentOrder,
    permission::PermissionGrant,
    stripe_account::StripeAccount,
    stripe_reads::StripeReads,
    webhook::Webhook,
};
use crate::{
    auth::Scope,
    domain::permission::grants_of,
    graphql::{
        context::ContextExt,
        cost::{cost, list_size},
        error::ApiError,
        loader::{LatestImportOf, WebhookOf},
        node_id,
        paging::PageArgs,
        scalar::DateTime,
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{self, ConnectionRow},
};

/// A merchant's account at a processor, under a name of the user's choice that shows on every chart and list.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct DataConnection(Arc<ConnectionRow>);

impl From<Arc<ConnectionRow>> for DataConnection {
    fn from(row: Arc<ConnectionRow>) -> Self {
        Self(row)
    }
}

impl From<ConnectionRow> for DataConnection {
    fn from(row: ConnectionRow) -> Self {
        Self(Arc::new(row))
    }
}

impl DataConnection {
    fn key(&self) -> ConnectionId {
        ConnectionId(self.0.id)
    }
}

#[Object(use_type_description)]
impl DataConnection {
    /// The data connection's id; it stays when the key is replaced.
    pub(in crate::graphql) async fn id(&self) -> ID {
        node_id::encode(self.key())
    }

    /// The name that the user chose; unique in the workspace without regard to case.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who processes its payments.
    async fn processor(&self) -> Processor {
        Processor::Stripe
    }

    /// How it was let in.
    async fn auth_method(&self) -> AuthMethod {
        self.0.auth_method.into()
    }

    /// Whether it is of Stripe's live mode, where real money moves.
    async fn livemode(&self) -> bool {
        self.0.livemode
    }

    /// Whether it works.
    async fn status(&self) -> DataConnectionStatus {
        self.0.status.into()
    }

    /// What a person must mend, or why it ended; null while all is well.
    async fn status_reason(&self) -> Option<DataConnectionStatusReason> {
        self.0.status_reason.map(Into::into)
    }

    /// Plain words for a person: what is wrong and what to do.
    async fn status_message(&self) -> Option<&str> {
        self.0.status_message.as_deref()
    }

    /// The account at Stripe.
    async fn account(&self) -> StripeAccount {
        StripeAccount::from(&*self.0)
    }

    /// The last four characters of the restricted key; null for OAuth.
    async fn api_key_hint(&self) -> Option<&str> {
        self.0.api_key_hint.as_deref()
    }

    /// Every permission the connection needs, and whether the credentials grant it.
    #[graphql(directive = list_size::apply(20))]
    async fn permissions(&self) -> Vec<PermissionGrant> {
        grants_of(&self.0)
            .into_iter()
            .map(PermissionGrant::from)
            .collect()
    }

    /// The endpoint at Stripe that keeps the connection live; null while there is none.
    async fn webhook(&self, ctx: &Context<'_>) -> Result<Option<Webhook>, ApiError> {
        if self.0.auth_method == storage::AuthMethod::OAuth {
            let connected = self.0.status != storage::ConnectionStatus::Disconnected;
            let platform = ctx.gateway()?.platform_webhook(self.0.livemode);
            return Ok(Webhook::of_platform(&platform).filter(|_| connected));
        }
        let row = ctx.loaders()?.find(WebhookOf(self.key())).await?;
        Ok(row.and_then(|row| Webhook::of(&row)))
    }

    /// The import that runs now, or else the last one.
    async fn latest_import(&self, ctx: &Context<'_>) -> Result<Option<Import>, ApiError> {
        Ok(ctx
            .loaders()?
            .find(LatestImportOf(self.key()))
            .await?
            .map(Import::from))
    }

    /// Every import of the connection, newest first.
    async fn imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries from the front of the list.")] first: Option<i32>,
        #[graphql(desc = "Start behind the entry of this cursor; goes with `first`.")]
        after: Option<String>,
        #[graphql(desc = "How many entries from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "End before the entry of this cursor; goes with `last`.")] before: Option<
            String,
        >,
    ) -> Result<ImportConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        ImportConnection::of_connection(ctx, self.key(), args).await
    }

    /// Are BIN numbers and bank names arriving? If not, what to ask Stripe support for.
    #[graphql(directive = cost::apply(500))]
    async fn data_health(&self, ctx: &Context<'_>) -> Result<DataHealth, ApiError> {
        let store = ctx.store()?;
        let workspace = WorkspaceId(self.0.workspace_id);
        let counts = store.count_data_health(workspace, self.key()).await?;
        let quarantined = store.count_quarantined(workspace, self.key()).await?;
        Ok(DataHealth::new(counts, quarantined))
    }

    /// What is read of the account, of which Stripe allows only so much.
    #[graphql(directive = cost::apply(50))]
    async fn stripe_reads(&self, ctx: &Context<'_>) -> Result<StripeReads, ApiError> {
        let workspace = WorkspaceId(self.0.workspace_id);
        let reads = ctx.gateway()?.stripe_reads(workspace, self.key()).await;
        Ok(reads.map_err(ApiError::from)?.into())
    }

    /// Everything that happened at Stripe until this moment is known here.
    async fn synced_through(&self) -> Option<DateTime> {
        self.0.synced_through.map(DateTime)
    }

    /// The connection's payments; needs the scope `PAYMENTS_READ`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the contract")]
    async fn payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries from the front of the list.")] first: Option<i32>,
        #[graphql(desc = "Start behind the entry of this cursor; goes with `first`.")]
        after: Option<String>,
        #[graphql(desc = "How many entries from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "End before the entry of this cursor; goes with `last`.")] before: Option<
            String,
        >,
        #[graphql(desc = "Which payments; all of the connection where it is left out.")]
        filter: Option<PaymentFilter>,
        #[graphql(desc = "In which order; newest first where it is left out.")] order_by: Option<
            PaymentOrder,
        >,
    ) -> Result<PaymentConnection, ApiError> {
        ctx.caller_with(Scope::PaymentsRead)?;
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let filter = filter.unwrap_or_default();
        let order = order_by.unwrap_or_default();
        PaymentConnection::find(ctx, Some(self.key()), filter, order, args).await
    }

    /// When the account was first connected.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the connection itself last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
