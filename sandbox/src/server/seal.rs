//! The last touch to every answer: its headers, and the body of errors.

use axum::body::Body;
use axum::response::Response;
use chrono::{DateTime, Utc};
use http::HeaderValue;
use http::header::{CONTENT_TYPE, DATE, WWW_AUTHENTICATE};

use super::error::StripeError;

/// The version that is answered when none was asked for.
pub(super) const VERSION: &str = "2026-07-29.dahlia";

/// Writes errors down and adds the headers that each answer has.
pub(super) fn seal(
    mut response: Response,
    request_id: &str,
    version: Option<HeaderValue>,
    now: DateTime<Utc>,
) -> Response {
    if let Some(error) = response.extensions_mut().remove::<StripeError>() {
        *response.body_mut() = Body::from(error.body(request_id).to_string());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if error.asks_for_key {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"Stripe\""),
            );
        }
        if let Some(reason) = error
            .rate_limited_reason
            .and_then(|reason| HeaderValue::from_str(&reason).ok())
        {
            headers.insert("stripe-rate-limited-reason", reason);
            headers.insert("stripe-should-retry", HeaderValue::from_static("true"));
        }
    }
    let headers = response.headers_mut();
    headers
        .entry(CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
    if let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(now.into())) {
        headers.insert(DATE, date);
    }
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        headers.insert("request-id", request_id);
    }
    headers.insert(
        "stripe-version",
        version.unwrap_or(HeaderValue::from_static(VERSION)),
    );
    response
}
