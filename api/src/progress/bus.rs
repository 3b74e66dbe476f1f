use async_trait::async_trait;
use thiserror::Error;

use super::{
    change::Change, changes::Changes, event::ProgressEvent, subscription::ProgressSubscription,
};
use crate::ids::{ConnectionId, PaymentId, WorkspaceId};

/// Carries what changes from whoever changes it to whoever watches, in any process.
///
/// Nothing is kept: watch first, then read the stored state, then follow. What is published once the watching has
/// begun is told, or else that something was missed.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Tells everyone who watches the event's connection in its workspace how far its import is.
    async fn publish_progress(&self, event: ProgressEvent) -> Result<(), BusError>;

    /// Watches the imports of a connection: a slow reader sees the latest state.
    async fn watch_progress(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<ProgressSubscription, BusError>;

    /// Tells everyone who watches what changed. Waits for nobody; where it cannot be told now it is told later.
    fn tell(&self, change: Change);

    /// Watches the workspace's connections, or one of them.
    async fn watch_connections(
        &self,
        workspace: WorkspaceId,
        only: Option<ConnectionId>,
    ) -> Result<Changes<ConnectionId>, BusError>;

    /// Watches the payments of the workspace, or of some of its connections.
    async fn watch_payments(
        &self,
        workspace: WorkspaceId,
        only: Option<&[ConnectionId]>,
    ) -> Result<Changes<PaymentId>, BusError>;
}

/// Why the bus did not carry something.
#[derive(Debug, Error)]
pub enum BusError {
    /// The address is not one that Redis can be reached at; it may hold a password and is not repeated.
    #[error("the Redis URL cannot be used")]
    Address,
    /// Redis did not answer in time.
    #[error("Redis did not answer in time")]
    TimedOut,
    /// Redis cannot be reached, or refused.
    #[error("Redis is not available")]
    Unavailable(#[from] redis::RedisError),
    /// The message cannot be written as JSON.
    #[error("the message cannot be written")]
    Encoding(#[from] serde_json::Error),
}
