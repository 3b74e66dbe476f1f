//! Every request has an id: in its log lines, in its errors and in the header `x-request-id` of its answer.

use axum::{
    extract::{Request, State},
    http::{Extensions, HeaderValue},
    middleware::Next,
    response::Response,
};

use crate::ids::{Ids, RequestId};

const HEADER: &str = "x-request-id";

/// Gives a request its id; what a client sends as one is not taken over.
pub(super) async fn give(State(ids): State<Ids>, mut request: Request, next: Next) -> Response {
    let id = format!("req_{}", ids.next().simple());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// The id of the request that these extensions belong to.
pub(super) fn of(extensions: &Extensions) -> RequestId {
    extensions.get::<RequestId>().cloned().unwrap_or_default()
}
