//! Who is asking, and what they may do.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::error::StripeError;
use crate::account::Account;
use crate::faults::Fault;
use crate::key::{Key, Standing, hint, masked};
use crate::permission::Permission;
use crate::state::State;

/// The key of a request and the account it acts on.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) account: Arc<Account>,
    /// What goes wrong with the answer, where its handler has to know.
    pub(super) fault: Option<Fault>,
    key: Key,
    masked: String,
}

impl Caller {
    /// Refuses the request without this permission.
    pub(super) fn require(&self, permission: Permission) -> Result<(), StripeError> {
        if self.key.allows(permission) {
            Ok(())
        } else {
            Err(self.refusal(permission))
        }
    }

    pub(super) fn refusal(&self, permission: Permission) -> StripeError {
        StripeError::missing_permission(&self.masked, &self.account.id, permission)
    }

    pub(super) fn allows(&self, permission: Permission) -> bool {
        self.key.allows(permission)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = StripeError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StripeError> {
        let known = parts.extensions.get::<Self>().cloned();
        let caller = known.ok_or_else(StripeError::no_key)?;
        Ok(Self {
            fault: parts.extensions.get().cloned(),
            ..caller
        })
    }
}

/// Finds the key of a request and the account that it acts on.
pub(super) fn authenticate(state: &State, headers: &HeaderMap) -> Result<Caller, StripeError> {
    let secret = secret_of(headers).ok_or_else(StripeError::no_key)?;
    let masked = masked(&secret);
    let key = state
        .key(&secret)
        .ok_or_else(|| StripeError::invalid_key(&masked))?;
    match key.standing {
        Standing::Good => {}
        Standing::Revoked => return Err(StripeError::invalid_key(&masked)),
        Standing::Expired => return Err(StripeError::expired_key(&masked)),
        Standing::OtherIps => return Err(StripeError::other_ips()),
    }
    if let Some((platform, expires)) = &key.of_app {
        if state.clock.now().timestamp() >= *expires {
            return Err(StripeError::expired_key(&masked));
        }
        if !state.is_connected(platform, &key.account) {
            return Err(StripeError::account_invalid(&masked, &key.account));
        }
    }
    let wanted = headers
        .get("stripe-account")
        .and_then(|value| value.to_str().ok())
        .unwrap_or(&key.account);
    if wanted != key.account && !state.is_connected(&key.account, wanted) {
        let is_platform =
            key.permissions.is_none() || state.oauth.platform_of(&key.account).is_some();
        let refusal = if is_platform {
            StripeError::account_invalid(&masked, wanted)
        } else {
            StripeError::not_a_platform()
        };
        return Err(refusal);
    }
    let account = state
        .account(wanted)
        .ok_or_else(|| StripeError::account_invalid(&masked, wanted))?;
    Ok(Caller {
        account,
        fault: None,
        key,
        masked,
    })
}

/// The last four characters of the key of a request.
pub(super) fn key_hint(headers: &HeaderMap) -> Option<String> {
    secret_of(headers).map(|secret| hint(&secret).to_owned())
}

/// The key of a request, as bearer or as the user of basic authentication.
pub(super) fn secret_of(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    let secret = if scheme.eq_ignore_ascii_case("bearer") {
        rest.trim().to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
        pair.split_once(':')
            .map_or_else(|| pair.clone(), |(user, _)| user.to_owned())
    } else {
        return None;
    };
    (!secret.is_empty()).then_some(secret)
}
