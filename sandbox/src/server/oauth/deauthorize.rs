//! The end of a connection, by its platform.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use serde_json::json;

use super::error::OAuthError;
use super::platform;
use crate::oauth::revoke;
use crate::server::parameters::Parameters;
use crate::server::render;
use crate::state::State;

/// `POST /oauth/deauthorize` and `POST /v1/oauth/deauthorize`.
pub(super) async fn deauthorize(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, OAuthError> {
    let form = Parameters::parse(&body);
    let platform = platform(&state, &headers, form.one("client_secret"))?;
    let missing = |name: &str| OAuthError::invalid_request(format!("No {name} provided"));
    let client_id = form.one("client_id").ok_or_else(|| missing("client_id"))?;
    let account = form
        .one("stripe_user_id")
        .ok_or_else(|| missing("stripe_user_id"))?;
    if client_id != platform.client_id {
        let description = format!("No such application: '{client_id}'");
        return Err(OAuthError::invalid_client(description));
    }
    if !revoke(&state, &platform, account) {
        return Err(OAuthError::invalid_client(format!(
            "This application is not connected to stripe account {account}, or that account does not exist."
        )));
    }
    let body = json!({ "stripe_user_id": account });
    Ok(render::json(body.to_string().into()))
}
