//! The OAuth endpoints of Connect and of Apps, which open without a key.

mod authorize;
mod deauthorize;
mod error;
mod page;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use http::HeaderMap;

use super::caller::secret_of;
use super::gate::open_gate;
use crate::key::Standing;
use crate::oauth::{Platform, PlatformKind};
use crate::state::State;
use error::OAuthError;

/// The routes of both kinds.
pub(super) fn routes(state: &Arc<State>) -> Router {
    let authorize = get(authorize::show).post(authorize::answer);
    Router::new()
        .route("/oauth/authorize", authorize.clone())
        .route("/oauth/v2/authorize", authorize)
        .route("/oauth/token", post(token::token))
        .route("/v1/oauth/token", post(token::token))
        .route("/oauth/deauthorize", post(deauthorize::deauthorize))
        .route("/v1/oauth/deauthorize", post(deauthorize::deauthorize))
        .layer(from_fn_with_state(Arc::clone(state), open_gate))
        .with_state(Arc::clone(state))
}

/// The kind that a path belongs to.
fn kind_of(path: &str) -> PlatformKind {
    if path.starts_with("/v1/") || path.starts_with("/oauth/v2/") {
        PlatformKind::App
    } else {
        PlatformKind::Connect
    }
}

/// The platform whose secret key a request carries, in its headers or in its form.
fn platform(
    state: &State,
    headers: &HeaderMap,
    in_form: Option<&str>,
) -> Result<Platform, OAuthError> {
    let secret = secret_of(headers).or_else(|| in_form.map(str::to_owned));
    let secret = secret.ok_or_else(OAuthError::no_key)?;
    let key = state.key(&secret).filter(|key| {
        key.standing == Standing::Good && key.permissions.is_none() && key.of_app.is_none()
    });
    let key = key.ok_or_else(OAuthError::unknown_key)?;
    state
        .oauth
        .platform_of(&key.account)
        .ok_or_else(OAuthError::unknown_key)
}
