//! What the routes share.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::task::TaskTracker;

use crate::domain::Gateway;

/// What the edge lets through.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest body of any request, in bytes.
    pub body_bytes: usize,
    /// The largest body of a GraphQL request, in bytes.
    pub query_body_bytes: usize,
    /// How long a request may take; not for sockets.
    pub request_timeout: Duration,
    /// How long a GraphQL operation may take; not for subscriptions.
    pub query_timeout: Duration,
    /// The largest message on a socket, in bytes.
    pub socket_message_bytes: usize,
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

/// What the routes share. Cheap to clone.
#[derive(Clone)]
pub struct Edge<E> {
    /// Executes GraphQL operations.
    pub executor: E,
    /// Who a token makes, and the time.
    pub gateway: Gateway,
    /// The open sockets: the process's end waits for them to be closed.
    pub sockets: TaskTracker,
    /// Whether the process can do its work.
    pub readiness: Arc<dyn Readiness>,
    /// The metrics, in Prometheus' text format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// What is let through.
    pub limits: Limits,
}
