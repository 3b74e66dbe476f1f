//! The page on which a merchant lets a platform in, or does not.

use std::sync::Arc;

use axum::extract::{RawQuery, State as Shared};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use http::header::LOCATION;
use http::{StatusCode, Uri};
use url::Url;

use super::error::OAuthError;
use super::kind_of;
use super::page::page;
use crate::account::Account;
use crate::oauth::{AutoAnswer, Platform, PlatformKind};
use crate::server::parameters::Parameters;
use crate::state::State;

/// What a platform asks for.
pub(super) struct Request {
    pub(super) platform: Platform,
    pub(super) redirect_uri: Url,
    pub(super) scope: String,
    pub(super) state: Option<String>,
}

/// `GET /oauth/authorize` and `GET /oauth/v2/authorize`.
pub(super) async fn show(
    Shared(state): Shared<Arc<State>>,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Result<Response, OAuthError> {
    let request = read(&state, &uri, &Parameters::of_query(query.as_deref()))?;
    match &request.platform.answer {
        AutoAnswer::Grant(account) => grant(&state, &request, account),
        AutoAnswer::Deny => Ok(deny(&request)),
        AutoAnswer::Ask => {
            let accounts = accounts(&state, &request.platform);
            Ok(Html(page(&request, uri.path(), &accounts)).into_response())
        }
    }
}

/// `POST` of the page's form.
pub(super) async fn answer(
    Shared(state): Shared<Arc<State>>,
    uri: Uri,
    body: Bytes,
) -> Result<Response, OAuthError> {
    let form = Parameters::parse(&body);
    let request = read(&state, &uri, &form)?;
    match (form.one("decision"), form.one("account")) {
        (Some("authorize"), Some(account)) => grant(&state, &request, account),
        (Some("authorize"), None) => Err(OAuthError::invalid_request("No account was chosen")),
        _ => Ok(deny(&request)),
    }
}

fn read(state: &State, uri: &Uri, parameters: &Parameters) -> Result<Request, OAuthError> {
    let kind = kind_of(uri.path());
    check(state, kind, parameters).map_err(|error| error.with_state(parameters.one("state")))
}

/// Errors stay on Stripe's side: the browser is not sent back.
fn check(state: &State, kind: PlatformKind, asked: &Parameters) -> Result<Request, OAuthError> {
    let client_id = asked.one("client_id").unwrap_or_default();
    let platform = state.oauth.platform(client_id).filter(|it| it.kind == kind);
    let platform = platform.ok_or_else(|| {
        let description =
            format!("No application matches the supplied client identifier: '{client_id}'");
        OAuthError::invalid_request(description)
    })?;
    let scope = match kind {
        PlatformKind::App => "stripe_apps",
        PlatformKind::Connect if asked.one("response_type") != Some("code") => {
            let description = "Only the response type 'code' is supported";
            return Err(OAuthError::new("unsupported_response_type", description));
        }
        PlatformKind::Connect => asked.one("scope").unwrap_or("read_only"),
    };
    if !matches!(scope, "stripe_apps" | "read_only" | "read_write") {
        return Err(OAuthError::new("invalid_scope", "Invalid scope"));
    }
    let redirect_uri = platform
        .redirect_uri(asked.one("redirect_uri"))
        .ok_or_else(|| OAuthError::new("invalid_redirect_uri", "Invalid redirect URI"))?;
    Ok(Request {
        platform,
        redirect_uri,
        scope: scope.to_owned(),
        state: asked.one("state").map(str::to_owned),
    })
}

/// The accounts that can let a platform in: those of its mode that are no platforms themselves.
fn accounts(state: &State, platform: &Platform) -> Vec<Arc<Account>> {
    let mut accounts = state.accounts();
    accounts.retain(|account| {
        account.livemode == platform.livemode && state.oauth.platform_of(&account.id).is_none()
    });
    accounts
}

fn grant(state: &State, request: &Request, account: &str) -> Result<Response, OAuthError> {
    let platform = &request.platform;
    let is_there = accounts(state, platform)
        .iter()
        .any(|known| known.id == account);
    if !is_there {
        let description =
            format!("There is no account '{account}' in the mode of this application");
        return Err(OAuthError::invalid_request(description).with_state(request.state.as_deref()));
    }
    let code = state.token("ac_", 32);
    let now = state.clock.now().timestamp();
    let (client_id, scope) = (&platform.client_id, &request.scope);
    state
        .oauth
        .issue(code.clone(), client_id, account, scope, now);
    let mut pairs = vec![("code", code.as_str())];
    if platform.kind == PlatformKind::Connect {
        pairs.insert(0, ("scope", &request.scope));
    }
    Ok(back(request, &pairs))
}

fn deny(request: &Request) -> Response {
    let description = "The user denied your request";
    back(
        request,
        &[
            ("error", "access_denied"),
            ("error_description", description),
        ],
    )
}

/// Sends the browser back; the other side is always asked by GET.
fn back(request: &Request, pairs: &[(&str, &str)]) -> Response {
    let mut url = request.redirect_uri.clone();
    url.query_pairs_mut()
        .extend_pairs(pairs)
        .extend_pairs(request.state.iter().map(|state| ("state", state)));
    (StatusCode::SEE_OTHER, [(LOCATION, url.to_string())]).into_response()
}
