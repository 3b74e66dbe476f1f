//! Stripe's deliveries: the raw body and its signature go to the domain, the answer is a status.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use uuid::Uuid;

use super::Edge;
use crate::{
    domain::{
        Gateway,
        inbox::{Destination, ReceiveError},
    },
    ids::ConnectionId,
    stripe::SIGNATURE_HEADER,
};

/// The largest body that is read: Stripe's events are far smaller.
const LARGEST: usize = 1_048_576;

pub(super) fn routes<E: Send + Sync + 'static>(edge: &Edge<E>) -> Router {
    let limit = LARGEST.min(edge.limits.body_bytes);
    Router::new()
        .route("/webhooks/stripe", post(of_platform))
        .route("/webhooks/stripe/{connection}", post(of_connection))
        .layer(DefaultBodyLimit::max(limit))
        .with_state(edge.gateway.clone())
}

type Body = Result<Bytes, BytesRejection>;

async fn of_platform(State(gateway): State<Gateway>, headers: HeaderMap, body: Body) -> Response {
    receive(&gateway, Destination::Platform, &headers, body).await
}

async fn of_connection(
    State(gateway): State<Gateway>,
    Path(connection): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(id) = Uuid::parse_str(&connection) else {
        return answer(&ReceiveError::UnknownEndpoint);
    };
    let destination = Destination::Connection(ConnectionId(id));
    receive(&gateway, destination, &headers, body).await
}

async fn receive(
    gateway: &Gateway,
    destination: Destination,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(refused) => return refused.into_response(),
    };
    let mut signatures = headers.get_all(SIGNATURE_HEADER).iter();
    // Of two headers nobody could tell which one is Stripe's.
    let signature = match (signatures.next(), signatures.next()) {
        (Some(signature), None) => Some(signature.as_bytes()),
        _ => None,
    };
    match gateway.receive_event(destination, signature, &body).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(error) => answer(&error),
    }
}

fn answer(error: &ReceiveError) -> Response {
    let (status, outcome) = match error {
        ReceiveError::Signature(_) => (StatusCode::BAD_REQUEST, "signature"),
        ReceiveError::NotAnEvent => (StatusCode::BAD_REQUEST, "not_an_event"),
        ReceiveError::UnknownEndpoint => (StatusCode::NOT_FOUND, "unknown"),
        ReceiveError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    metrics::counter!("inlet_webhook_refused_total", "outcome" => outcome).increment(1);
    let mut response = (status, error.to_string()).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let soon = axum::http::HeaderValue::from_static("5");
        response.headers_mut().insert("retry-after", soon);
    }
    response
}
