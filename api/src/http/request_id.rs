//! Every request has an id: in its log lines, in its errors and in the header `x-request-id` of its answer.

use axum::http::{Extensions, HeaderMap, HeaderValue};

use crate::ids::{Ids, RequestId};

const HEADER: &str = "x-request-id";

/// Gives a request its id; what a client sends as one is not taken over.
pub(super) fn give(ids: &Ids, request: &mut Extensions) -> RequestId {
    let id = RequestId(format!("req_{}", ids.next().simple()));
    request.insert(id.clone());
    id
}

/// Tells the id with the answer.
pub(super) fn tell(id: RequestId, answer: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::try_from(id.0) {
        answer.insert(HEADER, value);
    }
}

/// The id of the request that these extensions belong to.
pub(super) fn of(extensions: &Extensions) -> RequestId {
    extensions.get::<RequestId>().cloned().unwrap_or_default()
}
