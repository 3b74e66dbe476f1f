//! The routes, and serving them.

use std::sync::Arc;

use axum::{Router, http::StatusCode, middleware, response::Redirect, routing::get};
use tokio::net::TcpListener;
use tower_http::timeout::TimeoutLayer;

use super::{
    Edge, export,
    graphql::{self, Operations},
    health, oauth, observe, problem, stripe_webhook,
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
pub async fn serve<E: Operations>(
    listener: TcpListener,
    edge: Edge<E>,
    role: Role,
) -> std::io::Result<()> {
    let edge = Arc::new(edge);
    let router = router(&edge, role);
    axum::serve(listener, router)
        .with_graceful_shutdown(edge.stop.clone().cancelled_owned())
        .await
}

fn router<E: Operations>(edge: &Arc<Edge<E>>, role: Role) -> Router {
    let limits = edge.limits;
    let timeout =
        TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.request_timeout);
    let mut routes = health::routes(Arc::clone(edge));
    if role == Role::Api {
        routes = routes
            .merge(graphql::routes(Arc::clone(edge)))
            .merge(stripe_webhook::routes(edge))
            .route("/", get(|| async { Redirect::temporary("/graphql") }));
    }
    let routes = routes.fallback(problem::not_found).layer(timeout);
    let unbounded = match role {
        Role::Api => oauth::routes(Arc::clone(edge)).merge(export::routes(edge)),
        Role::Worker => Router::new(),
    };
    routes
        .merge(unbounded)
        .layer(middleware::from_fn_with_state(
            edge.gateway.ids().clone(),
            observe::observe,
        ))
}
