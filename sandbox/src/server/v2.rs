//! Event destinations, which belong to the second API: an empty list and the write probe.

use axum::response::Response;
use http::HeaderMap;

use super::caller::Caller;
use super::error::StripeError;
use super::render::json;
use crate::permission::Permission;

/// `GET /v2/core/event_destinations`.
pub(super) async fn list(caller: Caller, headers: HeaderMap) -> Result<Response, StripeError> {
    enter(&caller, &headers, Permission::EventDestinationRead)?;
    Ok(json(
        r#"{"data":[],"next_page_url":null,"previous_page_url":null}"#.into(),
    ))
}

/// `GET /v2/core/event_destinations/{id}`.
pub(super) async fn retrieve(caller: Caller, headers: HeaderMap) -> Result<Response, StripeError> {
    enter(&caller, &headers, Permission::EventDestinationRead)?;
    Err(StripeError::v2_not_found())
}

/// `POST /v2/core/event_destinations/{id}`.
pub(super) async fn update(caller: Caller, headers: HeaderMap) -> Result<Response, StripeError> {
    enter(&caller, &headers, Permission::EventDestinationWrite)?;
    Err(StripeError::v2_not_found())
}

fn enter(caller: &Caller, headers: &HeaderMap, permission: Permission) -> Result<(), StripeError> {
    if !headers.contains_key("stripe-version") {
        return Err(StripeError::v2_bad_request(
            "The Stripe-Version header is required.",
        ));
    }
    if caller.allows(permission) {
        Ok(())
    } else {
        Err(StripeError::v2_forbidden())
    }
}
