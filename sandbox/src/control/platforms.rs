//! Platforms and webhook endpoints over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State as Shared};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::OfAccount;
use crate::account::WebhookEndpoint;
use crate::lock::lock;
use crate::merchant::{EndpointWish, add_endpoint, delete_endpoint, enable_endpoint};
use crate::oauth::{AutoAnswer, OAuthCalls, PlatformHandle, PlatformSpec, add_platform, revoke};
use crate::state::State;

#[derive(Deserialize)]
pub(super) struct NewPlatform {
    #[serde(flatten)]
    spec: PlatformSpec,
    #[serde(default)]
    redirect_uris: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Answering {
    client_id: String,
    answer: AutoAnswer,
}

#[derive(Deserialize)]
pub(super) struct Access {
    client_id: String,
    account: String,
}

#[derive(Deserialize)]
pub(super) struct NewEndpoint {
    account: String,
    url: String,
    events: Vec<String>,
    #[serde(default)]
    connect: bool,
    api_version: Option<String>,
}

/// `POST /_sandbox/platforms`.
pub(super) async fn add(
    Shared(state): Shared<Arc<State>>,
    Json(wish): Json<NewPlatform>,
) -> Json<PlatformHandle> {
    let handle = add_platform(&state, wish.spec);
    for uri in &wish.redirect_uris {
        state.oauth.register(&handle.client_id, uri);
    }
    Json(handle)
}

/// `POST /_sandbox/platforms/answer`: what the authorize page does by itself.
pub(super) async fn answer(
    Shared(state): Shared<Arc<State>>,
    Json(wish): Json<Answering>,
) -> StatusCode {
    state.oauth.answer(&wish.client_id, wish.answer);
    StatusCode::NO_CONTENT
}

/// `POST /_sandbox/platforms/revoke`, as the merchant.
pub(super) async fn revoke_access(
    Shared(state): Shared<Arc<State>>,
    Json(access): Json<Access>,
) -> Result<Json<Value>, StatusCode> {
    let platform = state.oauth.platform(&access.client_id);
    let platform = platform.ok_or(StatusCode::NOT_FOUND)?;
    let revoked = revoke(&state, &platform, &access.account);
    Ok(Json(json!({ "revoked": revoked })))
}

/// `GET /_sandbox/oauth`: how often it was called.
pub(super) async fn calls(Shared(state): Shared<Arc<State>>) -> Json<OAuthCalls> {
    Json(state.oauth.calls())
}

/// `GET /_sandbox/webhook_endpoints`, with their secrets.
pub(super) async fn endpoints(
    Shared(state): Shared<Arc<State>>,
    Query(query): Query<OfAccount>,
) -> Result<Json<Vec<Value>>, StatusCode> {
    let account = state.account(&query.account).ok_or(StatusCode::NOT_FOUND)?;
    let endpoints = lock(&account.webhooks);
    let with_secret = |endpoint: &WebhookEndpoint| {
        let mut body = json!(endpoint);
        body["secret"] = endpoint.secret.as_str().into();
        body
    };
    Ok(Json(endpoints.newest_first().map(with_secret).collect()))
}

/// `POST /_sandbox/webhook_endpoints`.
pub(super) async fn add_webhook(
    Shared(state): Shared<Arc<State>>,
    Json(wish): Json<NewEndpoint>,
) -> Result<Json<Value>, StatusCode> {
    let account = state.account(&wish.account).ok_or(StatusCode::NOT_FOUND)?;
    let draft = EndpointWish {
        url: wish.url,
        events: wish.events,
        connect: wish.connect,
        api_version: wish.api_version,
    };
    let made = add_endpoint(&state, &account, draft.draft());
    let made = made.map_err(|_| StatusCode::CONFLICT)?;
    Ok(Json(json!({"id": made.id, "secret": made.secret})))
}

/// `POST /_sandbox/webhook_endpoints/{id}/{act}`: `disable`, `enable` or `delete`.
pub(super) async fn change_webhook(
    Shared(state): Shared<Arc<State>>,
    Path((id, act)): Path<(String, String)>,
) -> StatusCode {
    let done = match act.as_str() {
        "disable" => enable_endpoint(&state, &id, false),
        "enable" => enable_endpoint(&state, &id, true),
        "delete" => delete_endpoint(&state, &id),
        _ => false,
    };
    if done {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}
