//! What Stripe's OAuth keeps: platforms, codes and refresh tokens.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use serde_json::Value;

use super::grant::Grant;
use super::{AutoAnswer, Exchange, GrantError, OAuthCalls, Platform, PlatformKind, Redeemed};
use crate::lock::lock;

/// The OAuth side of a sandbox.
#[derive(Default)]
pub(crate) struct OAuth(Mutex<Registry>);

#[derive(Default)]
struct Registry {
    /// By client id.
    platforms: BTreeMap<String, Platform>,
    codes: HashMap<String, Grant>,
    refresh_tokens: HashMap<String, Grant>,
    calls: OAuthCalls,
    next_answer: Option<Value>,
}

impl OAuth {
    pub(crate) fn add(&self, platform: Platform) {
        let mut registry = lock(&self.0);
        registry
            .platforms
            .insert(platform.client_id.clone(), platform);
    }

    pub(crate) fn platform(&self, client_id: &str) -> Option<Platform> {
        lock(&self.0).platforms.get(client_id).cloned()
    }

    /// The platform of this account.
    pub(crate) fn platform_of(&self, account: &str) -> Option<Platform> {
        let registry = lock(&self.0);
        let mut platforms = registry.platforms.values();
        platforms
            .find(|platform| platform.account == account)
            .cloned()
    }

    pub(crate) fn register(&self, client_id: &str, redirect_uri: &str) {
        if let Some(platform) = lock(&self.0).platforms.get_mut(client_id) {
            platform.redirect_uris.push(redirect_uri.to_owned());
        }
    }

    pub(crate) fn answer(&self, client_id: &str, answer: AutoAnswer) {
        if let Some(platform) = lock(&self.0).platforms.get_mut(client_id) {
            platform.answer = answer;
        }
    }

    pub(crate) fn calls(&self) -> OAuthCalls {
        lock(&self.0).calls
    }

    pub(crate) fn count(&self, path: &str, form: &str) {
        lock(&self.0).calls.count(path, form);
    }

    /// The next exchange answers with these fields in place of its own.
    pub(crate) fn next_exchange_answers(&self, fields: Value) {
        lock(&self.0).next_answer = Some(fields);
    }

    pub(crate) fn take_next_answer(&self) -> Option<Value> {
        lock(&self.0).next_answer.take()
    }

    /// Keeps a new code.
    pub(crate) fn issue(
        &self,
        code: String,
        client_id: &str,
        account: &str,
        scope: &str,
        now: i64,
    ) {
        let grant = Grant {
            client_id: client_id.to_owned(),
            account: account.to_owned(),
            scope: scope.to_owned(),
            since: now,
            used: false,
        };
        lock(&self.0).codes.insert(code, grant);
    }

    /// Takes a code or refresh token of the platform whose key this is, and puts `fresh` in its place.
    pub(crate) fn redeem(
        &self,
        what: Exchange,
        secret: &str,
        key_account: &str,
        fresh: String,
        now: i64,
    ) -> Result<Redeemed, GrantError> {
        let mut registry = lock(&self.0);
        let Registry {
            platforms,
            codes,
            refresh_tokens,
            ..
        } = &mut *registry;
        let grants = match what {
            Exchange::Code => &mut *codes,
            Exchange::RefreshToken => &mut *refresh_tokens,
        };
        let grant = grants.get_mut(secret).ok_or(GrantError::Unknown)?;
        let platform = platforms.get(&grant.client_id).ok_or(GrantError::Unknown)?;
        if platform.account != key_account {
            let of_key = platforms.values().find(|it| it.account == key_account);
            let other_mode = of_key.is_some_and(|it| it.livemode != platform.livemode);
            return Err(if other_mode {
                GrantError::OtherMode
            } else {
                GrantError::Foreign
            });
        }
        if grant.used {
            return Err(GrantError::Used(platform.kind, grant.account.clone()));
        }
        if grant.is_over(what, now) {
            return Err(GrantError::Expired);
        }
        // The refresh tokens of Connect do not rotate.
        let rotates = what == Exchange::Code || platform.kind == PlatformKind::App;
        grant.used = rotates;
        let taken = Grant {
            since: now,
            used: false,
            ..grant.clone()
        };
        let (account, scope) = (taken.account.clone(), taken.scope.clone());
        let refresh_token = if rotates {
            refresh_tokens.insert(fresh.clone(), taken);
            fresh
        } else {
            secret.to_owned()
        };
        Ok(Redeemed {
            account,
            scope,
            refresh_token,
        })
    }

    /// Forgets what could still be exchanged for access to an account.
    pub(crate) fn forget(&self, client_id: &str, account: &str) {
        let mut registry = lock(&self.0);
        let stays =
            |grant: &Grant| grant.used || grant.client_id != client_id || grant.account != account;
        registry.refresh_tokens.retain(|_, grant| stays(grant));
    }
}
