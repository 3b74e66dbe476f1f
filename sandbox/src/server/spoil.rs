//! Faults, as they look on the wire.

use std::io;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::StatusCode;
use http::header::CONTENT_LENGTH;

use super::error::StripeError;
use super::socket::CutSwitch;
use crate::faults::Fault;

/// The answer of a fault that strikes before the request is carried out.
pub(super) fn refusal(fault: Option<&Fault>) -> Option<Response> {
    Some(match fault? {
        Fault::RateLimited { reason } => StripeError::rate_limited(reason).into_response(),
        Fault::LockTimeout => StripeError::lock_timeout().into_response(),
        Fault::BadGateway => {
            let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
            (StatusCode::BAD_GATEWAY, Html(page)).into_response()
        }
        Fault::Unavailable => StripeError::server(StatusCode::SERVICE_UNAVAILABLE).into_response(),
        Fault::EmptyForbidden => StatusCode::FORBIDDEN.into_response(),
        _ => return None,
    })
}

/// Spoils the answer to a request that was carried out; tells whether the connection was cut instead.
pub(super) async fn spoil(
    response: Response,
    fault: Option<&Fault>,
    switch: &CutSwitch,
) -> (Response, bool) {
    match fault {
        Some(Fault::TruncatedBody) => (truncated(response).await, false),
        Some(Fault::InvalidJson) => {
            let (mut parts, _) = response.into_parts();
            parts.status = StatusCode::OK;
            (
                Response::from_parts(
                    parts,
                    Body::from("{\"object\": \"list\", \"data\": [{\"id\": \"ch_"),
                ),
                false,
            )
        }
        Some(Fault::Stall { duration }) => {
            tokio::time::sleep(*duration).await;
            (response, false)
        }
        Some(Fault::ConnectionReset) => {
            switch.cut();
            (response, true)
        }
        _ => (response, false),
    }
}

/// Announces the whole body, sends half of it and breaks off.
async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(CONTENT_LENGTH, body.len().into());
    let half = stream::iter([Ok::<Bytes, io::Error>(body.slice(..body.len() / 2))]);
    let end = stream::once(async {
        // Time for the first half to leave.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(io::ErrorKind::ConnectionReset.into())
    });
    Response::from_parts(parts, Body::from_stream(half.chain(end)))
}
