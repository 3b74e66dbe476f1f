//! Platforms and their OAuth.

use serde_json::Value;

use super::Sandbox;
use crate::oauth::{AutoAnswer, OAuthCalls, PlatformHandle, PlatformSpec, add_platform, revoke};

impl Sandbox {
    /// Makes a platform with an account, a client id and a secret key of its own.
    #[must_use]
    pub fn add_platform(&self, spec: PlatformSpec) -> PlatformHandle {
        add_platform(&self.state, spec)
    }

    /// Registers an address that merchants can be sent back to; before the first one any of this machine is good.
    pub fn register_redirect_uri(&self, client_id: &str, redirect_uri: &str) {
        self.state.oauth.register(client_id, redirect_uri);
    }

    /// What the authorize page answers for a platform; at first it asks.
    pub fn authorize_automatically(&self, client_id: &str, answer: AutoAnswer) {
        self.state.oauth.answer(client_id, answer);
    }

    /// Takes a platform's access back as the merchant does in the dashboard; the platform is told.
    pub fn revoke_access(&self, client_id: &str, account: &str) {
        if let Some(platform) = self.state.oauth.platform(client_id) {
            revoke(&self.state, &platform, account);
        }
    }

    /// Whether a platform has access to an account.
    #[must_use]
    pub fn has_access(&self, client_id: &str, account: &str) -> bool {
        let platform = self.state.oauth.platform(client_id);
        platform.is_some_and(|platform| self.state.is_connected(&platform.account, account))
    }

    /// Lets the access tokens of all apps end now.
    pub fn expire_app_tokens(&self) {
        self.state.expire_app_tokens(self.now().timestamp());
    }

    /// How often the token and deauthorize endpoints were called, faults included.
    #[must_use]
    pub fn oauth_calls(&self) -> OAuthCalls {
        self.state.oauth.calls()
    }

    /// The next exchange of a code that works answers with these fields in place of its own; null leaves one out.
    pub fn next_exchange_answers(&self, fields: Value) {
        self.state.oauth.next_exchange_answers(fields);
    }
}
