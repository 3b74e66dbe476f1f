use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{error::Problems, value};

/// How Stripe is called, and how merchants connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StripeConfig {
    /// Where Stripe's API is.
    #[serde(deserialize_with = "value::url")]
    pub api_url: Url,
    /// Whether full secret keys are taken too.
    pub allow_secret_keys: bool,
    /// How long one call may take.
    pub request_timeout_seconds: u64,
    /// How merchants authorize the gateway without a key.
    pub oauth: OAuthConfig,
}

/// How merchants authorize the gateway without a key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthConfig {
    /// What is registered at Stripe.
    pub kind: OAuthKind,
    /// Another page than the kind's own to send merchants to.
    #[serde(default, deserialize_with = "value::optional_url")]
    pub authorize_url: Option<Url>,
    /// Another address than the kind's own to exchange codes at.
    #[serde(default, deserialize_with = "value::optional_url")]
    pub token_url: Option<Url>,
    /// Another address than the kind's own to give access back at.
    #[serde(default, deserialize_with = "value::optional_url")]
    pub deauthorize_url: Option<Url>,
    /// The right to ask merchants for; Stripe Apps have none, their manifest decides.
    #[serde(default)]
    pub scope: Option<String>,
    /// The platform or app of live mode.
    #[serde(default)]
    pub live: OAuthAppConfig,
    /// The platform or app of test mode.
    #[serde(default)]
    pub test: OAuthAppConfig,
}

/// What is registered at Stripe.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum OAuthKind {
    /// A Stripe Connect platform.
    Connect,
    /// A Stripe App.
    App,
}

/// A platform or app in one mode.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthAppConfig {
    /// `ca_…`; without it, merchants of this mode connect by key.
    pub client_id: Option<String>,
    /// The secret key of the platform or app.
    pub secret_key: Option<SecretString>,
    /// The secret of the webhook that listens to connected accounts.
    pub webhook_secret: Option<SecretString>,
}

impl StripeConfig {
    /// How long one call may take.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        value::check_http_url("stripe.api_url", &self.api_url, problems);
        problems.check_range(
            "stripe.request_timeout_seconds",
            self.request_timeout_seconds,
            1,
            600,
        );
        let oauth = &self.oauth;
        for (setting, url) in [
            ("stripe.oauth.authorize_url", &oauth.authorize_url),
            ("stripe.oauth.token_url", &oauth.token_url),
            ("stripe.oauth.deauthorize_url", &oauth.deauthorize_url),
        ] {
            if let Some(url) = url {
                value::check_http_url(setting, url, problems);
            }
        }
        if let Some(scope) = &oauth.scope
            && !scope
                .bytes()
                .all(|byte| byte.is_ascii_graphic() || byte == b' ')
        {
            problems.add("stripe.oauth.scope", "must be words such as read_write");
        }
        oauth.live.check("stripe.oauth.live", "_test_", problems);
        oauth.test.check("stripe.oauth.test", "_live_", problems);
    }
}

impl OAuthConfig {
    /// The page to send merchants to.
    #[must_use]
    pub fn authorize_endpoint(&self) -> &str {
        let own = match self.kind {
            OAuthKind::Connect => "https://connect.stripe.com/oauth/authorize",
            OAuthKind::App => "https://marketplace.stripe.com/oauth/v2/authorize",
        };
        self.authorize_url.as_ref().map_or(own, Url::as_str)
    }

    /// The right to ask merchants for.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        let own = match self.kind {
            OAuthKind::Connect => Some("read_write"),
            OAuthKind::App => None,
        };
        self.scope.as_deref().or(own)
    }

    /// The address to exchange codes at.
    #[must_use]
    pub fn token_endpoint(&self) -> &str {
        let own = match self.kind {
            OAuthKind::Connect => "https://connect.stripe.com/oauth/token",
            OAuthKind::App => "https://api.stripe.com/v1/oauth/token",
        };
        self.token_url.as_ref().map_or(own, Url::as_str)
    }

    /// The address to give access back at.
    #[must_use]
    pub fn deauthorize_endpoint(&self) -> &str {
        let own = match self.kind {
            OAuthKind::Connect => "https://connect.stripe.com/oauth/deauthorize",
            OAuthKind::App => "https://api.stripe.com/v1/oauth/deauthorize",
        };
        self.deauthorize_url.as_ref().map_or(own, Url::as_str)
    }
}

impl OAuthAppConfig {
    /// Whether merchants can connect by OAuth in this mode.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.client_id.is_some()
    }

    fn check(&self, section: &str, other_mode: &str, problems: &mut Problems) {
        if self.client_id.is_some() != self.secret_key.is_some() {
            problems.add(section, "needs both client_id and secret_key, or neither");
        }
        let of_other_mode = |key: &SecretString| key.expose_secret().contains(other_mode);
        if self.secret_key.as_ref().is_some_and(of_other_mode) {
            let setting = format!("{section}.secret_key");
            problems.add(&setting, "is a key of the other mode");
        }
    }
}
