use std::sync::Arc;

use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};

use super::{data_connection::DataConnection, notification_endpoint::NotificationEndpoint};
use crate::{
    domain::notification::{Attempt, attempts_of},
    graphql::{context::ContextExt, cost::list_size, error::ApiError, node_id, scalar::DateTime},
    ids::{ConnectionId, NotificationDeliveryId, NotificationEndpointId},
    storage::{self, NotificationDeliveryRow},
};

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "storage::NotificationDeliveryState")]
pub(in crate::graphql) enum NotificationDeliveryState {
    /// It is to be sent, at once or again.
    Pending,
    /// The endpoint took it: it answered 2xx.
    Delivered,
    /// It was given up: after ten attempts, or since the endpoint was disabled. redeliverNotification sends it again.
    Failed,
}

/// An attempt to deliver a message.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct NotificationAttempt {
    /// When it began.
    at: DateTime,
    /// How long it took, in milliseconds.
    duration_ms: i32,
    /// HTTP's status code; null where there was no answer.
    status_code: Option<i32>,
    /// What went wrong, for a person; null where it was delivered.
    error: Option<String>,
}

impl From<Attempt> for NotificationAttempt {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at.into(),
            duration_ms: i32::try_from(attempt.duration_ms).unwrap_or(i32::MAX),
            status_code: attempt.status.map(Into::into),
            error: attempt.error,
        }
    }
}

/// A message to a notification endpoint, and what became of it.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct NotificationDelivery(Arc<NotificationDeliveryRow>);

impl From<Arc<NotificationDeliveryRow>> for NotificationDelivery {
    fn from(row: Arc<NotificationDeliveryRow>) -> Self {
        Self(row)
    }
}

impl From<NotificationDeliveryRow> for NotificationDelivery {
    fn from(row: NotificationDeliveryRow) -> Self {
        Self(Arc::new(row))
    }
}

#[Object(use_type_description)]
impl NotificationDelivery {
    /// The delivery's id: the header `webhook-id` of each of its attempts.
    pub(in crate::graphql) async fn id(&self) -> ID {
        node_id::encode(NotificationDeliveryId(self.0.id))
    }

    /// Where it goes; null where the endpoint was deleted.
    async fn endpoint(&self, ctx: &Context<'_>) -> Result<Option<NotificationEndpoint>, ApiError> {
        let id = NotificationEndpointId(self.0.endpoint_id);
        let found = ctx.loaders()?.find(id).await?;
        Ok(found.map(NotificationEndpoint::from))
    }

    /// What it tells of: the message's `type`, e.g. `import.completed`, or `notification.test`.
    async fn event_type(&self) -> String {
        self.0.event_type.name()
    }

    /// The data connection that it is about; null for a test.
    async fn connection(&self, ctx: &Context<'_>) -> Result<Option<DataConnection>, ApiError> {
        let Some(connection) = self.0.connection_id else {
            return Ok(None);
        };
        let found = ctx.loaders()?.find(ConnectionId(connection)).await?;
        Ok(found.map(DataConnection::from))
    }

    /// Where it stands.
    async fn state(&self) -> NotificationDeliveryState {
        self.0.state.into()
    }

    /// The latest attempts, at most 30, the oldest first.
    #[graphql(directive = list_size::apply(10))]
    async fn attempts(&self) -> Vec<NotificationAttempt> {
        let attempts = attempts_of(&self.0).into_iter();
        attempts.map(NotificationAttempt::from).collect()
    }

    /// When it is sent next; null where it is not.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        let pending = self.0.state == storage::NotificationDeliveryState::Pending;
        pending.then(|| self.0.run_at.into())
    }

    /// When what it tells of happened: the message's `timestamp`.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was delivered or given up; null before.
    async fn settled_at(&self) -> Option<DateTime> {
        self.0.settled_at.map(DateTime)
    }
}
