//! What is registered at Stripe, in one mode.

use secrecy::SecretString;
use url::Url;

use crate::stripe::{ApiKey, Credential};

/// What is registered at Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthKind {
    /// A Stripe Connect platform: its own key, with the account's id, from then on.
    Connect,
    /// A Stripe App: an access token of an hour, and a token to renew it with.
    App,
}

/// Where the steps of a flow are.
#[derive(Debug, Clone)]
pub struct OAuthUrls {
    /// The page to send users to.
    pub authorize: Url,
    /// Exchanges codes, and renews.
    pub token: Url,
    /// Takes access back.
    pub deauthorize: Url,
}

/// A platform or app in one mode.
#[derive(Debug, Clone)]
pub struct Platform {
    /// Which of the two.
    pub kind: OAuthKind,
    /// `ca_…`
    pub client_id: String,
    /// Its own secret key.
    pub key: ApiKey,
    /// The secret of the webhook that listens to connected accounts.
    pub webhook_secret: Option<SecretString>,
    /// The right to ask for; none for Stripe Apps, whose manifest decides.
    pub scope: Option<String>,
    /// Where the steps are.
    pub urls: OAuthUrls,
}

impl Platform {
    /// The credential for what the platform does in its own account.
    #[must_use]
    pub fn credential(&self) -> Credential {
        Credential::from(self.key.clone())
    }

    /// The credential for what the platform does in a connected account.
    #[must_use]
    pub fn credential_for(&self, account: &str) -> Credential {
        Credential::of_platform(self.key.clone(), account.to_owned())
    }

    /// The secret of the webhook that listens to connected accounts.
    #[must_use]
    pub fn webhook_secret(&self) -> Option<&SecretString> {
        self.webhook_secret.as_ref()
    }

    /// Where to send a user; Stripe sends them back to `redirect` with the state.
    #[must_use]
    pub fn authorization_url(&self, state: &str, redirect: &Url) -> Url {
        let mut url = self.urls.authorize.clone();
        let mut query = url.query_pairs_mut();
        query.append_pair("client_id", &self.client_id);
        query.append_pair("state", state);
        query.append_pair("redirect_uri", redirect.as_str());
        if self.kind == OAuthKind::Connect {
            query.append_pair("response_type", "code");
        }
        if let Some(scope) = &self.scope {
            query.append_pair("scope", scope);
        }
        drop(query);
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(kind: OAuthKind, authorize: &str, scope: Option<&str>) -> Platform {
        let url = |text: &str| Url::parse(text).unwrap();
        Platform {
            kind,
            client_id: "ca_1".to_owned(),
            key: ApiKey::parse("sk_test_51abc", true).unwrap(),
            webhook_secret: None,
            scope: scope.map(str::to_owned),
            urls: OAuthUrls {
                authorize: url(authorize),
                token: url("https://stripe.test/token"),
                deauthorize: url("https://stripe.test/deauthorize"),
            },
        }
    }

    #[test]
    fn a_user_is_sent_with_what_the_kind_needs() {
        let back = Url::parse("https://inlet.test/oauth/stripe/callback").unwrap();
        let connect = platform(
            OAuthKind::Connect,
            "https://stripe.test/authorize",
            Some("read_write"),
        );
        let app = platform(OAuthKind::App, "https://stripe.test/chnlink_1?a=b", None);

        assert_eq!(
            connect.authorization_url("s&1", &back).as_str(),
            "https://stripe.test/authorize?client_id=ca_1&state=s%261&redirect_uri=https%3A%2F%2Finlet.test%2Foauth\
             %2Fstripe%2Fcallback&response_type=code&scope=read_write"
        );
        assert_eq!(
            app.authorization_url("s", &back).as_str(),
            "https://stripe.test/chnlink_1?a=b&client_id=ca_1&state=s&redirect_uri=https%3A%2F%2Finlet.test%2Foauth\
             %2Fstripe%2Fcallback"
        );
    }

    #[test]
    fn a_platform_does_not_show_its_key() {
        let shown = format!(
            "{:?}",
            platform(OAuthKind::App, "https://stripe.test/a", None)
        );

        assert!(!shown.contains("51abc"), "{shown}");
    }
}
