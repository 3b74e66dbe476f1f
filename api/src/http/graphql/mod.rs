//! GraphQL over HTTP and WebSocket (GraphQL over HTTP specification; graphql-transport-ws protocol).

mod ask;
mod explorer;
mod media;
mod request;
mod socket;

pub(super) use async_graphql::Executor;
use axum::{Router, extract::DefaultBodyLimit, routing::get};
use tokio_util::sync::CancellationToken;

use super::Edge;

/// Queries and mutations.
pub(super) fn routes<E: Executor>(edge: Edge<E>) -> Router {
    let limit = edge.limits.query_body_bytes.min(edge.limits.body_bytes);
    Router::new()
        .route("/graphql", get(ask::get::<E>).post(ask::post::<E>))
        .route("/graphql/explorer/{file}", get(explorer::file))
        .layer(DefaultBodyLimit::max(limit))
        .with_state(edge)
}

/// Subscriptions; they are not bound by the time of a request.
pub(super) fn sockets<E: Executor>(edge: Edge<E>, stop: CancellationToken) -> Router {
    Router::new()
        .route("/graphql/ws", get(socket::open::<E>))
        .with_state((edge, stop))
}
