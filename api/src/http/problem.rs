//! Answers to requests that go wrong before or beside GraphQL, in GraphQL's form.

use axum::{Json, http::StatusCode, response::IntoResponse};
use serde_json::{Value, json};

use crate::ids::RequestId;

/// A request that is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    /// Stable; the same codes as in GraphQL errors.
    pub(super) code: &'static str,
    /// For a person: what to do.
    pub(super) message: &'static str,
}

impl Problem {
    pub(super) const fn bad_request(message: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "BAD_USER_INPUT",
            message,
        }
    }

    pub(super) const fn unauthenticated(message: &'static str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: "UNAUTHENTICATED",
            message,
        }
    }

    pub(super) const fn unavailable(message: &'static str) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "UNAVAILABLE",
            message,
        }
    }

    pub(super) const fn rate_limited(message: &'static str) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: "RATE_LIMITED",
            message,
        }
    }

    pub(super) const fn internal() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "INTERNAL",
            message: "Something went wrong here. It has been logged; try again later.",
        }
    }

    /// The problem as a GraphQL error.
    pub(super) fn error(self, id: &RequestId) -> Value {
        json!({
            "message": self.message,
            "extensions": { "code": self.code, "requestId": id.0 },
        })
    }

    /// The answer; `media` is the content type that the client asked for.
    pub(super) fn answer(self, id: &RequestId, media: &'static str) -> axum::response::Response {
        let body = json!({ "errors": [self.error(id)] }).to_string();
        let mut response = (self.status, [("content-type", media)], body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = axum::http::HeaderValue::from_static("Bearer realm=\"inlet\"");
            response.headers_mut().insert("www-authenticate", challenge);
        }
        response
    }
}

pub(super) async fn not_found() -> impl IntoResponse {
    let message = "There is nothing here. The API is at /graphql.";
    (
        StatusCode::NOT_FOUND,
        Json(json!({ "error": { "code": "NOT_FOUND", "message": message } })),
    )
}
