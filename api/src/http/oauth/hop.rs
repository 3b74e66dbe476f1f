//! On to Stripe.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::{
        HeaderValue, StatusCode,
        header::{LOCATION, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};

use super::{cookie, page};
use crate::http::Edge;

/// Gives the browser its secret and sends it to Stripe.
pub(super) async fn authorize<E: Send + Sync + 'static>(
    State(edge): State<Arc<Edge<E>>>,
    RawQuery(query): RawQuery,
) -> Response {
    let flow = page::parameter(query.as_deref(), "flow").unwrap_or_default();
    let hop = match edge.gateway.oauth_hop(&flow).await {
        Ok(hop) => hop,
        Err(failure) => return page::failed(failure),
    };
    let location = HeaderValue::try_from(hop.redirect.as_str()).ok();
    let (Some(cookie), Some(location)) = (cookie::set(&hop), location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, page::GUARDS).into_response();
    response.headers_mut().insert(LOCATION, location);
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}
