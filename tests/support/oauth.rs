//! The gateway's platforms at Stripe, for tests that connect by OAuth.

use api::stripe::event_types::{CONNECT_ONLY, SUBSCRIBED};
use sandbox::{PlatformHandle, PlatformKind, PlatformSpec, Sandbox};

/// The gateway's platforms, one of each mode.
#[derive(Clone, Debug)]
pub struct Platforms {
    /// Which OAuth they speak.
    pub kind: PlatformKind,
    /// The one of test mode.
    pub test: PlatformHandle,
    /// The one of live mode.
    pub live: PlatformHandle,
    /// What signs for the connect endpoint of test mode.
    pub test_webhook_secret: String,
    /// What signs for the connect endpoint of live mode.
    pub live_webhook_secret: String,
}

/// What every test's gateway may return to.
pub const RETURN_URL: &str = "https://app.example/done";

impl Platforms {
    /// Makes the platforms, each with a connect endpoint at the gateway of this public address.
    #[must_use]
    pub fn register(stripe: &Sandbox, kind: PlatformKind, public_url: &str) -> Self {
        let platform = |livemode| stripe.add_platform(PlatformSpec { kind, livemode });
        let (test, live) = (platform(false), platform(true));
        Self {
            kind,
            test_webhook_secret: endpoint(stripe, &test, public_url),
            live_webhook_secret: endpoint(stripe, &live, public_url),
            test,
            live,
        }
    }

    /// The variables that tell the gateway of its platforms.
    #[must_use]
    pub fn variables(&self, stripe: &Sandbox) -> Vec<(&'static str, String)> {
        let at = |path: &str| format!("{}{path}", stripe.url());
        let (kind, authorize, token, deauthorize) = match self.kind {
            PlatformKind::Connect => (
                "connect",
                "/oauth/authorize",
                "/oauth/token",
                "/oauth/deauthorize",
            ),
            PlatformKind::App => (
                "app",
                "/oauth/v2/authorize",
                "/v1/oauth/token",
                "/v1/oauth/deauthorize",
            ),
        };
        vec![
            ("INLET_STRIPE__OAUTH__KIND", kind.to_owned()),
            ("INLET_STRIPE__OAUTH__AUTHORIZE_URL", at(authorize)),
            ("INLET_STRIPE__OAUTH__TOKEN_URL", at(token)),
            ("INLET_STRIPE__OAUTH__DEAUTHORIZE_URL", at(deauthorize)),
            (
                "INLET_STRIPE__OAUTH__TEST__CLIENT_ID",
                self.test.client_id.clone(),
            ),
            (
                "INLET_STRIPE__OAUTH__TEST__SECRET_KEY",
                self.test.secret_key.clone(),
            ),
            (
                "INLET_STRIPE__OAUTH__LIVE__CLIENT_ID",
                self.live.client_id.clone(),
            ),
            (
                "INLET_STRIPE__OAUTH__LIVE__SECRET_KEY",
                self.live.secret_key.clone(),
            ),
            (
                "INLET_STRIPE__OAUTH__TEST__WEBHOOK_SECRET",
                self.test_webhook_secret.clone(),
            ),
            (
                "INLET_STRIPE__OAUTH__LIVE__WEBHOOK_SECRET",
                self.live_webhook_secret.clone(),
            ),
            (
                "INLET_SERVER__RETURN_URLS",
                "https://app.example,https://shop.example/after".to_owned(),
            ),
        ]
    }
}

/// Makes a platform's connect endpoint as its operator does; its secret.
fn endpoint(stripe: &Sandbox, platform: &PlatformHandle, public_url: &str) -> String {
    let url = format!("{public_url}/webhooks/stripe");
    let events = [&SUBSCRIBED[..], &CONNECT_ONLY[..]].concat();
    let made = stripe.add_webhook_endpoint(
        &platform.account,
        &url,
        &events,
        true,
        Some(api::stripe::API_VERSION),
    );
    made.and_then(|id| stripe.endpoint_secret(&id))
        .expect("a new platform has room for an endpoint")
}
