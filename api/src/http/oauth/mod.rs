//! The steps of OAuth that a browser takes: on to Stripe, and back.

mod callback;
mod cookie;
mod hop;
mod page;

use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    routing::{MethodRouter, get},
};

use super::Edge;

/// Not bound by the time of other requests: an exchange that has begun is seen to its end, and bounded by itself.
pub(super) fn routes<E: Send + Sync + 'static>(edge: Arc<Edge<E>>) -> Router {
    Router::new()
        .route("/oauth/stripe/authorize", only(get(hop::authorize::<E>)))
        .route("/oauth/stripe/callback", only(get(callback::callback::<E>)))
        .with_state(edge)
}

/// A look ahead must not use a flow up.
fn only<S: Clone + Send + Sync + 'static>(get: MethodRouter<S>) -> MethodRouter<S> {
    get.head(|| async { StatusCode::METHOD_NOT_ALLOWED })
}
