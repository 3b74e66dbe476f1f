//! The step between the API and Stripe: the user's own browser gets the secret that it must bring back.

use secrecy::SecretString;
use url::Url;

use super::{
    failure::OAuthFailure,
    flow::{self, Flow},
};
use crate::{domain::Gateway, state::Taken};

/// Where the browser goes on, and what it must bring back.
#[derive(Debug)]
pub struct OAuthHop {
    /// Stripe's page.
    pub redirect: Url,
    /// The name of the cookie.
    pub cookie_name: String,
    /// Its value.
    pub cookie_value: SecretString,
    /// Whether the cookie is for https only.
    pub secure: bool,
}

impl Gateway {
    /// Sends a browser on to Stripe.
    pub async fn oauth_hop(&self, token: &str) -> Result<OAuthHop, OAuthFailure> {
        let flow = Flow::parse(token).ok_or(OAuthFailure::StateInvalid)?;
        let state = flow.state();
        let hash = flow::hash(&state);
        let record = match self.states().peek(&hash).await {
            Ok(Taken::Fresh(record)) if record.expires_at > self.clock().now() => record,
            Ok(Taken::Used(_)) => return Err(OAuthFailure::StateUsed),
            Ok(_) => return Err(OAuthFailure::StateInvalid),
            Err(error) => {
                tracing::error!(%error, "the state of a flow cannot be read");
                return Err(OAuthFailure::Unavailable);
            }
        };
        let platform = self
            .platform(record.livemode)
            .filter(|platform| platform.client_id == record.client_id)
            .ok_or(OAuthFailure::StateInvalid)?;
        Ok(OAuthHop {
            redirect: platform.authorization_url(&state, &self.oauth_redirect()),
            cookie_name: flow::cookie_name(&hash, self.is_https()),
            cookie_value: flow.browser_secret(),
            secure: self.is_https(),
        })
    }

    /// The name of the cookie that a browser brings back with a state.
    #[must_use]
    pub fn oauth_cookie(&self, state: &str) -> String {
        flow::cookie_name(&flow::hash(state), self.is_https())
    }

    fn is_https(&self) -> bool {
        self.public_url().scheme() == "https"
    }
}
