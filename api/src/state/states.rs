use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use super::record::StateRecord;

/// Keeps flows by the hash of their state; whoever reads the store cannot finish a flow.
///
/// Every operation answers, or fails, in less than a second.
#[async_trait]
pub trait OAuthStates: Send + Sync {
    /// Keeps a flow for as long as `ttl`.
    async fn put(&self, hash: &str, record: StateRecord, ttl: Duration) -> Result<(), StateError>;

    /// Looks at a flow and changes nothing.
    async fn peek(&self, hash: &str) -> Result<Taken, StateError>;

    /// Takes a flow: of any number of callers, in any process, one gets it fresh. That it was taken is known for as
    /// long as it is kept.
    async fn take(&self, hash: &str) -> Result<Taken, StateError>;
}

/// What is known of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was not taken before.
    Fresh(Box<StateRecord>),
    /// It was taken before.
    Used(Box<StateRecord>),
    /// There is no such state, or not any more.
    Unknown,
}

/// Why a flow could not be kept or found.
#[derive(Debug, Error)]
pub enum StateError {
    /// The address is not one that Redis can be reached at; it may hold a password and is not repeated.
    #[error("the Redis URL cannot be used")]
    Address,
    /// Redis did not answer in time.
    #[error("Redis did not answer in time")]
    TimedOut,
    /// Redis cannot be reached, or refused.
    #[error("Redis is not available")]
    Unavailable(#[from] redis::RedisError),
    /// Redis answered, but not what was asked for.
    #[error("Redis gave an answer that is none")]
    Answer,
    /// What is kept cannot be read or written as JSON.
    #[error("the state cannot be read or written")]
    Encoding(#[from] serde_json::Error),
}
