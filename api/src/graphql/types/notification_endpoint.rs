use std::sync::Arc;

use async_graphql::{Context, Description, Enum, ID, Object};

use super::{
    lists::NotificationDeliveryConnection, notification_delivery::NotificationDeliveryState,
};
use crate::{
    domain::notification::{connections_of, event_types_of},
    graphql::{
        cost::list_size,
        error::ApiError,
        node_id,
        paging::PageArgs,
        scalar::{DateTime, Url},
    },
    ids::NotificationEndpointId,
    storage::{self, NotificationEndpointRow, NotificationType},
};

/// What a notification endpoint can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(in crate::graphql) enum NotificationEventType {
    /// An import has imported everything; `import.completed`.
    ImportCompleted,
    /// An import was given up; `import.failed`.
    ImportFailed,
    /// An import was called off; `import.canceled`.
    ImportCanceled,
    /// A data connection needs its owner's attention; `connection.action_required`.
    ConnectionActionRequired,
    /// A data connection works again; `connection.recovered`.
    ConnectionRecovered,
    /// A data connection has ended; `connection.disconnected`.
    ConnectionDisconnected,
    /// Payments are new or not as they were; `payments.changed`. Needs the scope `PAYMENTS_READ`.
    PaymentsChanged,
}

impl From<NotificationEventType> for NotificationType {
    fn from(wanted: NotificationEventType) -> Self {
        match wanted {
            NotificationEventType::ImportCompleted => Self::ImportCompleted,
            NotificationEventType::ImportFailed => Self::ImportFailed,
            NotificationEventType::ImportCanceled => Self::ImportCanceled,
            NotificationEventType::ConnectionActionRequired => Self::ConnectionActionRequired,
            NotificationEventType::ConnectionRecovered => Self::ConnectionRecovered,
            NotificationEventType::ConnectionDisconnected => Self::ConnectionDisconnected,
            NotificationEventType::PaymentsChanged => Self::PaymentsChanged,
        }
    }
}

impl NotificationEventType {
    /// The type as clients see it; tests are sent to all endpoints, so they are none.
    fn of(stored: NotificationType) -> Option<Self> {
        Some(match stored {
            NotificationType::ImportCompleted => Self::ImportCompleted,
            NotificationType::ImportFailed => Self::ImportFailed,
            NotificationType::ImportCanceled => Self::ImportCanceled,
            NotificationType::ConnectionActionRequired => Self::ConnectionActionRequired,
            NotificationType::ConnectionRecovered => Self::ConnectionRecovered,
            NotificationType::ConnectionDisconnected => Self::ConnectionDisconnected,
            NotificationType::PaymentsChanged => Self::PaymentsChanged,
            NotificationType::NotificationTest => return None,
        })
    }
}

/// Why nothing is sent to a notification endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "storage::DisabledReason")]
pub(in crate::graphql) enum NotificationDisabledReason {
    /// Somebody disabled it with updateNotificationEndpoint.
    ByUser,
    /// It answered 410 Gone.
    Gone,
    /// Nothing has arrived there for five days.
    Failing,
}

/// An address at which a partner is told what happens, by signed requests after the Standard Webhooks specification.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct NotificationEndpoint(Arc<NotificationEndpointRow>);

impl From<Arc<NotificationEndpointRow>> for NotificationEndpoint {
    fn from(row: Arc<NotificationEndpointRow>) -> Self {
        Self(row)
    }
}

impl From<NotificationEndpointRow> for NotificationEndpoint {
    fn from(row: NotificationEndpointRow) -> Self {
        Self(Arc::new(row))
    }
}

#[Object(use_type_description)]
impl NotificationEndpoint {
    /// The endpoint's id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        node_id::encode(NotificationEndpointId(self.0.id))
    }

    /// Where messages go.
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn url(&self) -> Result<Url, ApiError> {
        let url = self.0.url.parse::<url::Url>();
        url.map(Url::from)
            .map_err(|error| ApiError::internal(&error))
    }

    /// What people call it.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// What it is told of.
    async fn event_types(&self) -> Vec<NotificationEventType> {
        let types = event_types_of(&self.0).into_iter();
        types.filter_map(NotificationEventType::of).collect()
    }

    /// The data connections that it is told of; null for all, also those to come.
    #[graphql(directive = list_size::apply(100))]
    async fn connection_ids(&self) -> Option<Vec<ID>> {
        let connections = connections_of(&self.0)?;
        Some(connections.into_iter().map(node_id::encode).collect())
    }

    /// Whether messages are sent there.
    async fn enabled(&self) -> bool {
        self.0.state == storage::NotificationEndpointState::Enabled
    }

    /// Why messages are not sent there; null where they are.
    async fn disabled_reason(&self) -> Option<NotificationDisabledReason> {
        self.0.disabled_reason.map(Into::into)
    }

    /// Since when messages are not sent there; null where they are.
    async fn disabled_at(&self) -> Option<DateTime> {
        self.0.disabled_at.map(DateTime)
    }

    /// Since when every attempt has failed; null after one that did not. After five days the endpoint is disabled.
    async fn failing_since(&self) -> Option<DateTime> {
        self.0.failing_since.map(DateTime)
    }

    /// Until when the secret before this one signs beside it; null where it was never replaced.
    async fn previous_secret_until(&self) -> Option<DateTime> {
        self.0.old_secret_until.map(DateTime)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// What it was sent in the last 31 days, newest first.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this state.")] state: Option<NotificationDeliveryState>,
        #[graphql(desc = "At most so many entries, from the start.")] first: Option<i32>,
        #[graphql(desc = "Only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many entries, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this cursor.")] before: Option<String>,
    ) -> Result<NotificationDeliveryConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let endpoint = NotificationEndpointId(self.0.id);
        NotificationDeliveryConnection::of_endpoint(ctx, endpoint, state, args).await
    }
}
