//! Webhook endpoints.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as Shared};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};

use super::caller::Caller;
use super::error::StripeError;
use super::list::unknown_cursor;
use super::parameters::Parameters;
use super::render;
use super::webhook_form::{apply_changes, read_new};
use crate::account::{Cursor, NoRoom, WebhookEndpoint, WebhookEndpoints};
use crate::lock::lock;
use crate::merchant::add_endpoint;
use crate::permission::Permission;
use crate::state::State;

/// `GET /v1/webhook_endpoints`.
pub(super) async fn list(
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, StripeError> {
    caller.require(Permission::WebhookRead)?;
    let parameters = Parameters::of_query(query.as_deref());
    parameters.allow(&[&["limit", "starting_after", "ending_before", "expand"]])?;
    let limit = parameters.limit()?;
    let endpoints = lock(&caller.account.webhooks);
    let all: Vec<_> = endpoints.newest_first().collect();
    let (rest, from_the_end) = match parameters.cursor()? {
        None => (&all[..], false),
        Some(cursor) => cut_at(&all, &cursor)?,
    };
    let page = if from_the_end {
        &rest[rest.len().saturating_sub(limit)..]
    } else {
        &rest[..limit.min(rest.len())]
    };
    let has_more = rest.len() > page.len();
    answer(
        &json!({"object": "list", "data": page, "has_more": has_more, "url": "/v1/webhook_endpoints"}),
    )
}

/// `POST /v1/webhook_endpoints`.
pub(super) async fn create(
    caller: Caller,
    Shared(state): Shared<Arc<State>>,
    body: Bytes,
) -> Result<Response, StripeError> {
    caller.require(Permission::WebhookWrite)?;
    let livemode = caller.account.livemode;
    let form = Parameters::parse(&body);
    let endpoint = read_new(&form, livemode)?;
    let made = add_endpoint(&state, &caller.account, endpoint);
    let made = made.map_err(|full| no_room(full, livemode))?;
    let mut body = serde_json::to_value(&made).unwrap_or_default();
    body["secret"] = made.secret.into();
    answer(&body)
}

fn no_room(full: NoRoom, livemode: bool) -> StripeError {
    let mode = if livemode { "" } else { "test " };
    match full {
        NoRoom::Endpoints => StripeError::bad_request(format!(
            "You have reached the maximum of 16 {mode}webhook endpoints."
        )),
        NoRoom::Versions => StripeError::webhook_version(
            "You have reached the maximum of 3 API versions other than your account's default version across your \
             webhook endpoints.",
        ),
    }
}

/// `GET /v1/webhook_endpoints/{id}`.
pub(super) async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, StripeError> {
    caller.require(Permission::WebhookRead)?;
    let mut endpoints = lock(&caller.account.webhooks);
    let endpoint = find(&mut endpoints, &id)?;
    answer(&json!(endpoint))
}

/// `POST /v1/webhook_endpoints/{id}`.
pub(super) async fn update(
    caller: Caller,
    Shared(state): Shared<Arc<State>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, StripeError> {
    caller.require(Permission::WebhookWrite)?;
    let mut endpoints = lock(&caller.account.webhooks);
    let endpoint = find(&mut endpoints, &id)?;
    apply_changes(endpoint, &Parameters::parse(&body))?;
    let body = json!(endpoint);
    if endpoint.is_enabled() {
        drop(endpoints);
        state.delivery.enabled(&id);
    }
    answer(&body)
}

/// `DELETE /v1/webhook_endpoints/{id}`.
pub(super) async fn delete(
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, StripeError> {
    caller.require(Permission::WebhookWrite)?;
    if lock(&caller.account.webhooks).remove(&id) {
        answer(&json!({"id": id, "object": "webhook_endpoint", "deleted": true}))
    } else {
        Err(missing(&id))
    }
}

/// The endpoints on the cursor's side of it, and whether the page is at their end.
fn cut_at<'a>(
    all: &'a [&'a WebhookEndpoint],
    cursor: &Cursor,
) -> Result<(&'a [&'a WebhookEndpoint], bool), StripeError> {
    let (Cursor::StartingAfter(id) | Cursor::EndingBefore(id)) = cursor;
    let found = all.iter().position(|endpoint| endpoint.id == *id);
    let at = found.ok_or_else(|| unknown_cursor("webhook endpoint", cursor))?;
    Ok(match cursor {
        Cursor::StartingAfter(_) => (&all[at + 1..], false),
        Cursor::EndingBefore(_) => (&all[..at], true),
    })
}

fn find<'a>(
    endpoints: &'a mut WebhookEndpoints,
    id: &str,
) -> Result<&'a mut WebhookEndpoint, StripeError> {
    endpoints.find_mut(id).ok_or_else(|| missing(id))
}

fn missing(id: &str) -> StripeError {
    StripeError::missing("webhook endpoint", id, "webhook_endpoint")
}

#[expect(clippy::unnecessary_wraps, reason = "handlers end with it")]
fn answer(body: &Value) -> Result<Response, StripeError> {
    Ok(render::json(body.to_string().into()))
}
