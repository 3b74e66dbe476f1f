//! Errors of OAuth, which have a form of their own.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

/// An OAuth error.
#[derive(Clone, Debug)]
pub(super) struct OAuthError {
    status: StatusCode,
    error: &'static str,
    description: String,
    state: Option<String>,
}

impl OAuthError {
    pub(super) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description: description.into(),
            state: None,
        }
    }

    pub(super) fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(super) fn invalid_request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }

    pub(super) fn invalid_client(description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            ..Self::new("invalid_client", description)
        }
    }

    pub(super) fn no_key() -> Self {
        Self::invalid_client("No API key provided.")
    }

    pub(super) fn unknown_key() -> Self {
        Self::invalid_client("Invalid API key provided.")
    }

    /// An error of the authorize page names the state that it was asked with.
    pub(super) fn with_state(self, state: Option<&str>) -> Self {
        Self {
            state: state.map(str::to_owned),
            ..self
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let mut body = json!({"error": self.error, "error_description": self.description});
        if let Some(state) = self.state {
            body["state"] = state.into();
        }
        let headers = [(CONTENT_TYPE, "application/json")];
        (self.status, headers, body.to_string()).into_response()
    }
}
