use async_trait::async_trait;
use thiserror::Error;

use super::{event::ProgressEvent, subscription::ProgressSubscription};
use crate::ids::{ConnectionId, WorkspaceId};

/// Carries progress from whoever imports to whoever watches, in any process.
///
/// Nothing is kept: subscribe first, then read the stored state, then follow by sequence.
#[async_trait]
pub trait ProgressBus: Send + Sync {
    /// Tells everyone who watches the event's connection in its workspace.
    async fn publish(&self, event: ProgressEvent) -> Result<(), BusError>;

    /// Watches a connection; what is published once this has returned is seen, or told as a resync.
    async fn subscribe(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<ProgressSubscription, BusError>;
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
    /// The event cannot be written as JSON.
    #[error("the progress event cannot be written")]
    Encoding(#[from] serde_json::Error),
}
