//! What the routes share.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{origin::Origins, slots::Slots};
use crate::domain::Gateway;

/// What the edge lets through.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest body of any request, in bytes.
    pub body_bytes: usize,
    /// The largest body of a GraphQL request, in bytes.
    pub query_body_bytes: usize,
    /// The largest answer to a GraphQL request, in bytes.
    pub answer_bytes: usize,
    /// How long a request may take; not for sockets.
    pub request_timeout: Duration,
    /// How long a GraphQL operation may take; not for subscriptions.
    pub query_timeout: Duration,
    /// The largest message on a socket, in bytes.
    pub socket_message_bytes: usize,
    /// The operations that may be under way at once on one socket.
    pub socket_operations: usize,
    /// How long a new socket may take to introduce itself.
    pub socket_init: Duration,
    /// How often sockets are pinged and streams get a sign of life; and how long a socket may take to take a message.
    pub heartbeat: Duration,
}

/// The state of one thing that the process depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is, e.g. `database`.
    pub name: &'static str,
    /// Whether it is all right.
    pub ok: bool,
}

/// Tells whether the process can do its work.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Looks at everything that the process depends on; answers within a few seconds, whatever is wrong.
    async fn check(&self) -> Vec<Check>;
}

/// What the routes share.
pub struct Edge<E> {
    /// Executes GraphQL operations.
    pub operations: E,
    /// Who a token makes, and the time.
    pub gateway: Gateway,
    /// The open sockets: the process's end waits for them to be closed.
    pub sockets: TaskTracker,
    /// How many of them, and of open streams, each token has.
    pub slots: Slots,
    /// Whose pages may call.
    pub origins: Origins,
    /// Told when the process is to stop: nothing new begins, and what is open ends.
    pub stop: CancellationToken,
    /// Whether the process can do its work.
    pub readiness: Arc<dyn Readiness>,
    /// The metrics, in Prometheus' text format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// What is let through.
    pub limits: Limits,
}
