//! The token endpoints: codes and refresh tokens for access.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use serde_json::{Value, json};

use super::error::OAuthError;
use super::{kind_of, platform};
use crate::account::Account;
use crate::oauth::{Exchange, GrantError, Platform, PlatformKind, Redeemed, admit, revoke};
use crate::server::parameters::Parameters;
use crate::server::render;
use crate::state::State;

const USED: &str = "This authorization code has already been used.";
const ROLLED: &str = "Refresh token does not exist, has expired or has been rolled.";

/// The access tokens of apps live so long, which their answer does not say.
const HOUR: i64 = 3_600;

/// `POST /oauth/token` and `POST /v1/oauth/token`.
pub(super) async fn token(
    Shared(state): Shared<Arc<State>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, OAuthError> {
    let form = Parameters::parse(&body);
    let platform = platform(&state, &headers, form.one("client_secret"))?;
    let (what, secret) = match form.one("grant_type") {
        Some("authorization_code") => (Exchange::Code, form.one("code")),
        Some("refresh_token") => (Exchange::RefreshToken, form.one("refresh_token")),
        Some(other) => {
            let description = format!("This grant type is not supported: '{other}'");
            return Err(OAuthError::new("unsupported_grant_type", description));
        }
        None => return Err(OAuthError::invalid_request("No grant type specified")),
    };
    let secret =
        secret.ok_or_else(|| OAuthError::invalid_request("No authorization code provided"))?;
    if platform.kind != kind_of(uri.path()) {
        return Err(refused(
            &state,
            &platform,
            what,
            secret,
            GrantError::Unknown,
        ));
    }
    let fresh = state.token("rt_", 48);
    let now = state.clock.now().timestamp();
    let redeemed = state
        .oauth
        .redeem(what, secret, &platform.account, fresh, now)
        .map_err(|error| refused(&state, &platform, what, secret, error))?;
    let account = state
        .account(&redeemed.account)
        .ok_or_else(|| OAuthError::invalid_grant("This account no longer exists."))?;
    if what == Exchange::Code {
        admit(&state, &platform, &account.id);
    }
    let mut answer = answer(&state, &platform, &account, &redeemed, now);
    if what == Exchange::Code {
        steer(&mut answer, state.oauth.take_next_answer());
    }
    Ok(render::json(answer.to_string().into()))
}

fn answer(
    state: &State,
    platform: &Platform,
    account: &Account,
    redeemed: &Redeemed,
    now: i64,
) -> Value {
    let expires = match platform.kind {
        PlatformKind::Connect => i64::MAX,
        PlatformKind::App => now + HOUR,
    };
    let mode = if platform.livemode { "live" } else { "test" };
    json!({
        "access_token": state.create_app_token(account, &platform.account, expires),
        "livemode": platform.livemode,
        "refresh_token": redeemed.refresh_token,
        "scope": redeemed.scope,
        "stripe_publishable_key": state.token(&format!("pk_{mode}_51"), 40),
        "stripe_user_id": account.id,
        "token_type": "bearer",
    })
}

/// Puts the wanted fields in place of the answer's own; null takes one out.
fn steer(answer: &mut Value, wanted: Option<Value>) {
    match (answer, wanted) {
        (Value::Object(answer), Some(Value::Object(wanted))) => {
            for (field, value) in wanted {
                if value.is_null() {
                    answer.remove(&field);
                } else {
                    answer.insert(field, value);
                }
            }
        }
        (answer, Some(wanted)) => *answer = wanted,
        (_, None) => {}
    }
}

fn refused(
    state: &State,
    platform: &Platform,
    what: Exchange,
    secret: &str,
    error: GrantError,
) -> OAuthError {
    if what == Exchange::RefreshToken {
        return OAuthError::invalid_grant(ROLLED);
    }
    OAuthError::invalid_grant(match error {
        GrantError::Unknown => format!("Authorization code does not exist: {secret}"),
        GrantError::Foreign => "Authorization code provided does not belong to you.".to_owned(),
        GrantError::OtherMode => {
            "The mode of the API key does not match the mode of the authorization code.".to_owned()
        }
        GrantError::Expired => format!("Authorization code expired: {secret}"),
        GrantError::Used(PlatformKind::App, _) => USED.to_owned(),
        GrantError::Used(PlatformKind::Connect, account) => {
            revoke(state, platform, &account);
            format!("{USED} All tokens issued with this code have been revoked.")
        }
    })
}
