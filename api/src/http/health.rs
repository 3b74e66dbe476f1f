//! How the process is: for load balancers, orchestrators and Prometheus.

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use serde_json::{Map, Value, json};

use super::Edge;

pub(super) fn routes<E: Send + Sync + 'static>(edge: Arc<Edge<E>>) -> Router {
    Router::new()
        .route(
            "/healthz",
            get(|| async { Json(json!({ "status": "ok" })) }),
        )
        .route("/readyz", get(ready::<E>))
        .route("/metrics", get(metrics::<E>))
        .with_state(edge)
}

/// 200 where everything that the process depends on is there; 503 where it is not, or while it shuts down.
async fn ready<E>(State(edge): State<Arc<Edge<E>>>) -> impl IntoResponse {
    let checks = edge.readiness.check().await;
    let all = checks.iter().all(|check| check.ok);
    let word = |ok| if ok { "ok" } else { "failed" };
    let named: Map<String, Value> = checks
        .iter()
        .map(|check| (check.name.to_owned(), word(check.ok).into()))
        .collect();
    let stopping = edge.stop.is_cancelled();
    let status = match (stopping, all) {
        (true, _) => "stopping",
        (false, true) => "ready",
        (false, false) => "not ready",
    };
    let code = if all && !stopping {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, Json(json!({ "status": status, "checks": named })))
}

async fn metrics<E>(State(edge): State<Arc<Edge<E>>>) -> impl IntoResponse {
    (
        [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
        (edge.metrics)(),
    )
}
