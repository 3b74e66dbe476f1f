//! What is registered at Stripe, from the configuration.

use anyhow::Context;
use secrecy::ExposeSecret;
use url::Url;

use crate::{
    config::{Config, OAuthAppConfig, OAuthConfig, OAuthKind as Configured},
    domain::connection::OAuthSettings,
    stripe::{ApiKey, OAuthKind, OAuthUrls, Platform},
};

/// The platforms of both modes, as far as they are configured.
pub(super) fn settings(config: &Config) -> anyhow::Result<OAuthSettings> {
    let oauth = &config.stripe.oauth;
    Ok(OAuthSettings {
        live: platform(oauth, &oauth.live)
            .context("INLET_STRIPE__OAUTH__LIVE__… cannot be used")?,
        test: platform(oauth, &oauth.test)
            .context("INLET_STRIPE__OAUTH__TEST__… cannot be used")?,
        return_urls: config.server.return_urls.clone(),
    })
}

fn platform(oauth: &OAuthConfig, app: &OAuthAppConfig) -> anyhow::Result<Option<Platform>> {
    let (Some(client_id), Some(key)) = (&app.client_id, &app.secret_key) else {
        return Ok(None);
    };
    let key = ApiKey::parse(key.expose_secret(), true)
        .context("SECRET_KEY must be the platform's secret key, sk_…")?;
    let url = |text: &str| Url::parse(text).context("an address of Stripe's is not a URL");
    Ok(Some(Platform {
        kind: match oauth.kind {
            Configured::Connect => OAuthKind::Connect,
            Configured::App => OAuthKind::App,
        },
        client_id: client_id.clone(),
        key,
        webhook_secret: app.webhook_secret.clone(),
        scope: oauth.scope().map(str::to_owned),
        urls: OAuthUrls {
            authorize: url(oauth.authorize_endpoint())?,
            token: url(oauth.token_endpoint())?,
            deauthorize: url(oauth.deauthorize_endpoint())?,
        },
    }))
}
