//! What every request gets: an id, a log line and a measurement.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use super::request_id;
use crate::ids::Ids;

/// What machines ask every few seconds.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Gives a request its id, and tells of it when it was answered; never of its query string or headers.
pub(super) async fn observe(State(ids): State<Ids>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id::give(&ids, request.extensions_mut());
    let method = request.method().clone();
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("http.request", request.id = id.0);
    let mut response = next.run(request).instrument(span.clone()).await;
    request_id::tell(id, response.headers_mut());
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    let duration_ms = elapsed.as_millis();
    span.in_scope(|| {
        if PROBES.contains(&path.as_str()) {
            tracing::debug!(%method, path, status, duration_ms, "{method} {path} answered {status}");
        } else {
            tracing::info!(%method, path, status, duration_ms, "{method} {path} answered {status}");
        }
    });
    metrics::histogram!("inlet_http_request_seconds", "path" => path).record(elapsed.as_secs_f64());
    response
}
