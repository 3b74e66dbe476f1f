//! The steps of OAuth that a browser takes: on to Stripe, and back.

mod callback;
mod cookie;
mod hop;
mod page;

use axum::{Router, routing::get};

use super::Edge;

/// Not bound by the time of other requests: an exchange that has begun is seen to its end, and bounded by itself.
pub(super) fn routes<E: Clone + Send + Sync + 'static>(edge: Edge<E>) -> Router {
    Router::new()
        .route("/oauth/stripe/authorize", get(hop::authorize::<E>))
        .route("/oauth/stripe/callback", get(callback::callback::<E>))
        .with_state(edge)
}
