//! The gateway's platforms at Stripe, for tests that connect by OAuth.

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
}

/// What every test's gateway may return to.
pub const RETURN_URL: &str = "https://app.example/done";

impl Platforms {
    /// Makes the platforms.
    pub(crate) fn register(stripe: &Sandbox, kind: PlatformKind) -> Self {
        let platform = |livemode| stripe.add_platform(PlatformSpec { kind, livemode });
        Self {
            kind,
            test: platform(false),
            live: platform(true),
        }
    }

    /// The variables that tell the gateway of its platforms.
    pub(crate) fn variables(&self, stripe: &Sandbox) -> Vec<(&'static str, String)> {
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
                "INLET_SERVER__RETURN_URLS",
                "https://app.example,https://shop.example/after".to_owned(),
            ),
        ]
    }
}
