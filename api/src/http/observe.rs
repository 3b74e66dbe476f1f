//! What every request gets: an id, a log line and a measurement, and an answer even where our code panics.

use std::{any::Any, panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::{problem::Problem, request_id};
use crate::{
    ids::{Ids, RequestId},
    panics,
};

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
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind();
    let answered = answered.instrument(span.clone()).await;
    let mut response = answered.unwrap_or_else(|panic| span.in_scope(|| panicked(&*panic, &id)));
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

/// A panic is a fault of ours: the client gets no more than that, and the id.
fn panicked(panic: &(dyn Any + Send), id: &RequestId) -> Response {
    tracing::error!(panic = panics::text(panic), "a request panicked");
    Problem::internal().answer(id, "application/json")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{
        Router,
        body::{Body, to_bytes},
        http::StatusCode,
        middleware,
        routing::get,
    };
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;
    use crate::{
        clock::{Clock, SystemClock},
        ids::SystemEntropy,
    };

    #[tokio::test]
    async fn a_panic_is_answered_with_the_id_and_without_its_cause() {
        let ids = Ids::new(Arc::new(|| SystemClock.now()), Arc::new(SystemEntropy));
        let panics = get(|| async { panic!("canary") as StatusCode });
        let routes = Router::new()
            .route("/", panics)
            .layer(middleware::from_fn_with_state(ids, observe));

        let answer = routes.oneshot(Request::new(Body::empty())).await.unwrap();

        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let id = answer.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let error = json!({
            "message": "Something went wrong here. It has been logged; try again later.",
            "extensions": { "code": "INTERNAL", "requestId": id },
        });
        assert_eq!(body, json!({ "errors": [error] }));
    }
}
