//! GraphQL over HTTP (GraphQL over HTTP specification), WebSocket, server-sent events and multipart answers.

mod ask;
mod explorer;
mod media;
mod operation;
mod request;
mod socket;
mod streamed;

use std::sync::Arc;

pub(super) use async_graphql::Executor;
use async_graphql::{Request, Response, parser::types::OperationType};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{MethodRouter, get},
};

use super::Edge;

/// Tells the kind of the operation that a request is for.
pub(super) type KindOf = Arc<dyn Fn(&mut Request) -> Option<OperationType> + Send + Sync>;

/// Writes what was executed as JSON.
pub(super) type WriteAnswer = fn(&Response) -> serde_json::Result<Vec<u8>>;

/// Every operation, on every transport. Answers begin within the time of a request; sockets and streams then go on.
pub(super) fn routes<E: Executor>(edge: Edge<E>) -> Router {
    let limit = edge.limits.query_body_bytes.min(edge.limits.body_bytes);
    Router::new()
        .route("/graphql", both(media::Usual::Json))
        .route("/graphql/stream", both(media::Usual::Events))
        .route("/graphql/ws", get(socket::open::<E>))
        .layer(edge.origins.cors())
        .route("/graphql/explorer/{file}", get(explorer::file))
        .layer(DefaultBodyLimit::max(limit))
        .with_state(edge)
}

fn both<E: Executor>(usual: media::Usual) -> MethodRouter<Edge<E>> {
    get(move |edge, query, request| ask::get::<E>(edge, query, request, usual))
        .post(move |edge, request| ask::post::<E>(edge, request, usual))
}
