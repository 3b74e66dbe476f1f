//! What an operator has registered at Stripe.

use url::Url;

use crate::{domain::Gateway, stripe::Platform};

/// The platforms or apps that merchants authorize, and where they may be sent afterwards.
#[derive(Clone, Debug, Default)]
pub struct OAuthSettings {
    /// Of live mode; without it merchants of this mode connect by key.
    pub live: Option<Platform>,
    /// Of test mode.
    pub test: Option<Platform>,
    /// Origins or exact URLs that a flow may return to, besides the gateway's own origin.
    pub return_urls: Vec<Url>,
}

impl Gateway {
    /// The platform or app of a mode, where one is configured.
    #[must_use]
    pub fn platform(&self, livemode: bool) -> Option<&Platform> {
        let oauth = self.oauth();
        let platform = if livemode { &oauth.live } else { &oauth.test };
        platform.as_ref()
    }

    /// An address of the gateway as browsers reach it.
    pub(super) fn oauth_address(&self, path: &str) -> Url {
        let mut url = self.public_url().clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        url
    }

    /// Where Stripe sends users back to.
    pub(super) fn oauth_redirect(&self) -> Url {
        self.oauth_address("/oauth/stripe/callback")
    }
}
