//! GraphQL over HTTP (GraphQL over HTTP specification), WebSocket, server-sent events and multipart answers.

mod ask;
mod explorer;
mod media;
mod operation;
mod request;
mod socket;
mod streamed;

use std::sync::Arc;

use async_graphql::Executor;
pub use async_graphql::{Request, Response, parser::types::OperationType};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{MethodRouter, get},
};

use super::Edge;

/// What executes operations, and knows what the edge must know of them.
pub trait Operations: Executor {
    /// The document that clients name so (`extensions.persistedQuery.sha256Hash`); none where it is not known. Whether
    /// the caller may have it executed is for its execution to find out, which is told the name as well.
    fn document(&self, name: &str) -> impl Future<Output = Option<Arc<str>>> + Send;

    /// The kind of the operation that a request is for; none where its document does not tell.
    fn kind_of(&self, request: &mut Request) -> Option<OperationType>;

    /// Writes what was executed as JSON.
    ///
    /// # Errors
    ///
    /// Where something is not JSON's: then it is our fault.
    fn write(&self, answer: &Response) -> serde_json::Result<Vec<u8>>;
}

/// Every operation, on every transport. Answers begin within the time of a request; sockets and streams then go on.
pub(super) fn routes<E: Operations>(edge: Arc<Edge<E>>) -> Router {
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

fn both<E: Operations>(usual: media::Usual) -> MethodRouter<Arc<Edge<E>>> {
    get(move |edge, query, request| ask::get::<E>(edge, query, request, usual))
        .post(move |edge, request| ask::post::<E>(edge, request, usual))
}
