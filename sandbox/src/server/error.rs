//! Stripe's errors, word for word.

use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::permission::Permission;

/// An error answer; `seal` writes it down, because the body may name the request's id.
#[derive(Clone, Debug)]
pub(super) struct StripeError {
    pub(super) status: StatusCode,
    pub(super) rate_limited_reason: Option<Box<str>>,
    pub(super) asks_for_key: bool,
    kind: &'static str,
    code: Option<&'static str>,
    message: Box<str>,
    param: Option<Box<str>>,
    log: Option<Box<str>>,
    is_v2: bool,
}

impl StripeError {
    fn new(status: StatusCode, message: impl Into<Box<str>>) -> Self {
        Self {
            status,
            rate_limited_reason: None,
            asks_for_key: false,
            kind: "invalid_request_error",
            code: None,
            message: message.into(),
            param: None,
            log: None,
            is_v2: false,
        }
    }

    fn code(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    fn param(self, param: &str) -> Self {
        Self {
            param: Some(param.into()),
            ..self
        }
    }

    pub(super) fn no_key() -> Self {
        let message = "You did not provide an API key. You need to provide your API key in the Authorization \
            header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See \
            https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.";
        Self {
            asks_for_key: true,
            ..Self::new(StatusCode::UNAUTHORIZED, message)
        }
    }

    pub(super) fn invalid_key(masked: &str) -> Self {
        let error = Self::new(
            StatusCode::UNAUTHORIZED,
            format!("Invalid API Key provided: {masked}"),
        );
        Self {
            asks_for_key: true,
            ..error
        }
    }

    pub(super) fn expired_key(masked: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            format!("Expired API Key provided: {masked}"),
        )
        .code("api_key_expired")
    }

    pub(super) fn other_ips() -> Self {
        let message =
            "The API key provided does not allow requests from your IP address (203.0.113.7).";
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn missing_permission(masked: &str, account: &str, permission: Permission) -> Self {
        let message = format!(
            "The provided key '{masked}' does not have the required permissions for this endpoint on account \
             '{account}'. Having the '{}' permission would allow this request to continue.",
            permission.name()
        );
        Self {
            log: Some(account.into()),
            ..Self::new(StatusCode::FORBIDDEN, message)
        }
    }

    pub(super) fn account_invalid(masked: &str, account: &str) -> Self {
        let message = format!(
            "The provided key '{masked}' does not have access to account '{account}' (or that account does not \
             exist). Application access may have been revoked."
        );
        Self::new(StatusCode::FORBIDDEN, message).code("account_invalid")
    }

    pub(super) fn not_a_platform() -> Self {
        let message = "Only Stripe Connect platforms can work with other accounts. If you specified a client_id \
            parameter, make sure it's correct. If you need to setup a Stripe Connect platform, you can do so at \
            https://dashboard.stripe.com/account/applications/settings.";
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn missing(object: &str, id: &str, param: &str) -> Self {
        let error = Self::new(StatusCode::NOT_FOUND, format!("No such {object}: '{id}'"));
        Self {
            log: Some("test".into()),
            ..error.code("resource_missing").param(param)
        }
    }

    pub(super) fn bad_cursor(object: &str, id: &str, param: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("No such {object}: '{id}'"))
            .code("resource_missing")
            .param(param)
    }

    pub(super) fn unknown_url(method: &Method, path: &str) -> Self {
        let message = format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at \
             https://support.stripe.com/."
        );
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn unknown_parameter(name: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            format!("Received unknown parameter: {name}"),
        )
        .code("parameter_unknown")
        .param(name)
    }

    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            format!("Missing required param: {name}."),
        )
        .code("parameter_missing")
        .param(name)
    }

    pub(super) fn invalid_integer(message: String, param: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
            .code("parameter_invalid_integer")
            .param(param)
    }

    pub(super) fn bad_request(message: impl Into<Box<str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_expandable(path: &str) -> Self {
        Self::bad_request(format!("This property cannot be expanded ({path}).")).param("expand")
    }

    pub(super) fn webhook_url(message: &str) -> Self {
        Self::bad_request(message).code("url_invalid").param("url")
    }

    pub(super) fn webhook_version(message: &str) -> Self {
        Self::bad_request(message).param("api_version")
    }

    pub(super) fn idempotency_mismatch(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
             using a key other than '{key}' if you meant to execute a different request."
        );
        Self {
            kind: "idempotency_error",
            ..Self::bad_request(message)
        }
    }

    pub(super) fn idempotency_running(key: &str) -> Self {
        let message = format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you \
             submitted twice, and the other request is still going through): {key}. Please try again later."
        );
        let error = Self::new(StatusCode::CONFLICT, message).code("idempotency_key_in_use");
        Self {
            kind: "idempotency_error",
            ..error
        }
    }

    pub(super) fn rate_limited(reason: &str) -> Self {
        let message = "Request rate limit exceeded. You can learn more about rate limits here \
            https://stripe.com/docs/rate-limits.";
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, message).code("rate_limit");
        Self {
            rate_limited_reason: Some(reason.into()),
            ..error
        }
    }

    pub(super) fn lock_timeout() -> Self {
        let message = "This object cannot be accessed right now because another API request or Stripe process is \
            currently accessing it. If you see this error intermittently, retry the request. If you see this error \
            frequently and are making multiple concurrent requests to a single object, make your requests serially \
            or at a lower rate.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, message).code("lock_timeout")
    }

    pub(super) fn server(status: StatusCode) -> Self {
        Self {
            kind: "api_error",
            ..Self::new(status, "An unknown error occurred")
        }
    }

    pub(super) fn v2_not_found() -> Self {
        Self {
            is_v2: true,
            ..Self::new(StatusCode::NOT_FOUND, "Not found.").code("not_found")
        }
    }

    pub(super) fn v2_forbidden() -> Self {
        let message = "The provided key does not have the required permissions for this endpoint.";
        Self {
            is_v2: true,
            ..Self::new(StatusCode::FORBIDDEN, message).code("forbidden")
        }
    }

    pub(super) fn v2_bad_request(message: &str) -> Self {
        Self {
            is_v2: true,
            ..Self::bad_request(message).code("invalid_request")
        }
    }

    /// The body, for the request of this id.
    pub(super) fn body(&self, request_id: &str) -> Value {
        if self.is_v2 {
            return json!({"error": {"code": self.code, "message": self.message}});
        }
        let mut error = Map::new();
        if let Some(code) = self.code {
            error.insert("code".to_owned(), code.into());
            let page = format!(
                "https://stripe.com/docs/error-codes/{}",
                code.replace('_', "-")
            );
            error.insert("doc_url".to_owned(), page.into());
        }
        error.insert("message".to_owned(), (*self.message).into());
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), (**param).into());
        }
        if let Some(log) = &self.log {
            let url = format!("https://dashboard.stripe.com/{log}/logs/{request_id}");
            error.insert("request_log_url".to_owned(), url.into());
        }
        error.insert("type".to_owned(), self.kind.into());
        json!({ "error": error })
    }
}

impl IntoResponse for StripeError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
