//! The routes, and serving them.

use std::time::Instant;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};
use tracing::Instrument;

use super::{
    Edge, export,
    graphql::{self, Executor},
    health, oauth, problem, request_id, stripe_webhook,
};

/// What a process answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Api,
    /// Only how it is: a worker's work is elsewhere.
    Worker,
}

/// Answers until it is told to stop, then ends the requests under way.
pub async fn serve<E: Executor>(
    listener: TcpListener,
    edge: Edge<E>,
    role: Role,
) -> std::io::Result<()> {
    let router = router(&edge, role);
    axum::serve(listener, router)
        .with_graceful_shutdown(edge.stop.cancelled_owned())
        .await
}

fn router<E: Executor>(edge: &Edge<E>, role: Role) -> Router {
    let limits = edge.limits;
    let timeout =
        TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.request_timeout);
    let mut routes = health::routes(edge.clone());
    if role == Role::Api {
        routes = routes
            .merge(graphql::routes(edge.clone()))
            .merge(stripe_webhook::routes(edge))
            .route("/", get(|| async { Redirect::temporary("/graphql") }));
    }
    let routes = routes.fallback(problem::not_found).layer(timeout);
    let unbounded = match role {
        Role::Api => oauth::routes(edge.clone()).merge(export::routes(edge)),
        Role::Worker => Router::new(),
    };
    routes
        .merge(unbounded)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn(observe))
        .layer(middleware::from_fn_with_state(
            edge.gateway.ids().clone(),
            request_id::give,
        ))
}

/// What machines ask every few seconds.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// One log line and one measurement a request; never its query string or headers.
async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let id = request_id::of(request.extensions());
    let span = tracing::info_span!("http.request", request.id = id.0);
    let response = next
        .run(request)
        .instrument(span.clone())
        .await
        .into_response();
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    metrics::histogram!("inlet_http_request_seconds", "path" => path.clone())
        .record(elapsed.as_secs_f64());
    let duration_ms = elapsed.as_millis();
    span.in_scope(|| {
        if PROBES.contains(&path.as_str()) {
            tracing::debug!(%method, path, status, duration_ms, "{method} {path} answered {status}");
        } else {
            tracing::info!(%method, path, status, duration_ms, "{method} {path} answered {status}");
        }
    });
    response
}
