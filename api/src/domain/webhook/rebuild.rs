//! Rebuilding a webhook on a user's word.

use std::time::Duration;

use super::{failure::WebhookFailure, older::OlderEndpoint, replace::Order, status::removed};
use crate::{
    auth::Caller,
    domain::{Gateway, connection::UsedCredential},
    ids::{ConnectionId, WorkspaceId},
    storage::{
        AuthMethod, ConnectionRow, ConnectionStatus, Making, StorageError, WebhookEndpointRow,
        WebhookEndpointState,
    },
};

/// Whoever waits for the answer wants one: shorter than an operation may take. The rebuilding goes on by itself.
const PATIENCE: Duration = Duration::from_secs(12);

/// How often to look whether somebody else is done.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A webhook that was made anew.
#[derive(Clone, Debug)]
pub struct Rebuilt {
    /// The connection as it stands now.
    pub connection: ConnectionRow,
    /// Its webhook.
    pub webhook: WebhookEndpointRow,
    /// What was removed at Stripe.
    pub removed: Vec<OlderEndpoint>,
}

/// Why a webhook was not rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is no such connection.
    #[error("There is no such connection.")]
    NotFound,
    /// The connection has no credentials any more.
    #[error("The connection is disconnected: connect it again, which makes its webhook.")]
    Disconnected,
    /// Events for authorized accounts come through the platform's endpoint.
    #[error(
        "This account was authorized on Stripe's pages, so its events come through the platform's own webhook: ask the operator to run inlet doctor."
    )]
    Platform,
    /// The stored credentials cannot be used.
    #[error("The stored credentials cannot be used: connect again with a new key.")]
    Unreadable,
    /// Something at Stripe stood in the way.
    #[error(transparent)]
    Failed(WebhookFailure),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<WebhookFailure> for RebuildError {
    fn from(failure: WebhookFailure) -> Self {
        match failure {
            WebhookFailure::Storage(StorageError::LeaseLost) => {
                Self::Failed(WebhookFailure::Underway)
            }
            WebhookFailure::Storage(error) => Self::Storage(error),
            other => Self::Failed(other),
        }
    }
}

impl Gateway {
    /// Makes a connection's webhook anew and removes what else points at this gateway; once begun it goes on to its
    /// end, even where nobody waits. Whoever asks while it is under way gets what comes of it.
    #[tracing::instrument(name = "webhook.rebuild", skip_all, fields(connection.id = %id))]
    pub async fn rebuild_webhook(
        &self,
        caller: &Caller,
        id: ConnectionId,
    ) -> Result<Rebuilt, RebuildError> {
        let workspace = caller.workspace;
        let connection = self.connection_to_rebuild(workspace, id).await?;
        let live = self.store().find_webhook(workspace, id).await?;
        let order = Order {
            workspace,
            connection: id,
            by: Some(caller.actor()),
            since: heard_until(&connection, live.as_ref()),
        };
        let gateway = self.clone();
        let work = Box::pin(async move { gateway.rebuild(order, connection).await });
        let waiting = tokio::time::timeout(PATIENCE, crate::domain::to_the_end(work)).await;
        let webhook = waiting.unwrap_or(Err(WebhookFailure::Underway.into()))?;
        let connection = self.store().find_connection(workspace, id).await?;
        Ok(Rebuilt {
            connection: connection.ok_or(RebuildError::NotFound)?,
            removed: removed(&webhook),
            webhook,
        })
    }

    async fn connection_to_rebuild(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<ConnectionRow, RebuildError> {
        let found = self.store().find_connection(workspace, id).await?;
        let connection = found.ok_or(RebuildError::NotFound)?;
        if connection.status == ConnectionStatus::Disconnected {
            return Err(RebuildError::Disconnected);
        }
        if connection.auth_method == AuthMethod::OAuth {
            return Err(RebuildError::Platform);
        }
        Ok(connection)
    }

    async fn rebuild(
        &self,
        order: Order,
        connection: ConnectionRow,
    ) -> Result<WebhookEndpointRow, RebuildError> {
        let credential = self.fresh_credential(&connection).await;
        let credential = credential.map_err(|_| RebuildError::Unreadable)?;
        let (row, resumed) = match self.begin_replacing(&order).await? {
            Making::Fresh(row) => (row, false),
            Making::Resumed(row) => (row, true),
            Making::Underway(row) => return self.wait_for_maker(&row).await,
        };
        let done = self
            .replace_webhook(order.clone(), &credential, row, resumed)
            .await;
        if let Err(WebhookFailure::Credentials(error)) = &done {
            let used = UsedCredential::of(&connection);
            self.note_refusal(order.workspace, order.connection, &used, error)
                .await?;
        }
        Ok(done?)
    }

    /// What comes of somebody else's making.
    async fn wait_for_maker(
        &self,
        row: &WebhookEndpointRow,
    ) -> Result<WebhookEndpointRow, RebuildError> {
        let workspace = WorkspaceId(row.workspace_id);
        loop {
            let now = self.clock().now();
            let found = self
                .store()
                .find_webhook_generation(workspace, row.id)
                .await?;
            let Some(found) = found else {
                return Err(WebhookFailure::Underway.into());
            };
            let leased = found.lease_until.is_some_and(|until| until > now);
            match found.state {
                WebhookEndpointState::Live if !leased => return Ok(found),
                WebhookEndpointState::Creating | WebhookEndpointState::Live if leased => {}
                // It came to nothing, or another took its place already.
                _ => return Err(WebhookFailure::Underway.into()),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Until when events were surely heard.
pub(super) fn heard_until(
    connection: &ConnectionRow,
    webhook: Option<&WebhookEndpointRow>,
) -> chrono::DateTime<chrono::Utc> {
    webhook
        .and_then(|webhook| webhook.last_event_at.or(webhook.checked_at))
        .or(connection.synced_through)
        .unwrap_or(connection.created_at)
}
