//! What the doctor finds out about webhooks: each connection's own, and the platform's.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use secrecy::ExposeSecret;

use super::{App, doctor::Finding};
use crate::{
    config::{Config, OAuthAppConfig},
    domain::webhook::{missing_event_types, words_about},
    storage::{AuthMethod, ConnectionRow},
    stripe::{
        ApiKey, Credential, WebhookEndpoint,
        event_types::{CONNECT_ONLY, SUBSCRIBED},
    },
};

/// How long Stripe has to tell of one account.
const PATIENCE: Duration = Duration::from_secs(15);

/// How many accounts are asked about at once.
const AT_ONCE: usize = 4;

/// A line for the webhook of each connection by key: what is stored of it, and what stands at Stripe now.
pub(super) async fn of_connections(app: &App) -> Vec<Finding> {
    match app.gateway.store().list_connected().await {
        Ok(connections) => {
            let by_key = connections
                .into_iter()
                .filter(|connection| connection.auth_method == AuthMethod::ApiKey);
            let looks = stream::iter(by_key).map(|connection| of_connection(app, connection));
            looks.buffered(AT_ONCE).collect().await
        }
        Err(error) => vec![Finding::new(false, format!("the connections: {error}"))],
    }
}

async fn of_connection(app: &App, connection: ConnectionRow) -> Finding {
    let name = format!("the webhook of “{}”", connection.name);
    let look = app.gateway.look_at_webhook(&connection);
    match tokio::time::timeout(PATIENCE, look).await {
        Err(_) => Finding::new(
            false,
            format!("{name} was not looked at: Stripe does not answer"),
        ),
        Ok(Err(error)) => Finding::new(false, format!("{name} was not looked at: {error}")),
        Ok(Ok(None)) => Finding::new(
            false,
            format!("{name} was never made: call rebuildWebhook, or connect again"),
        ),
        Ok(Ok(Some(row))) => {
            let lacking = missing_event_types(&row);
            match words_about(&row) {
                Some(words) => Finding::new(false, format!("{name}: {words}")),
                None if lacking.is_empty() => Finding::new(true, format!("{name} is active")),
                None => Finding::new(
                    false,
                    format!("{name} does not send {}", lacking.join(", ")),
                ),
            }
        }
    }
}

/// Lines for the platform's webhook in each mode in which merchants can authorize the gateway.
pub(super) async fn of_platforms(app: &App, config: &Config) -> Vec<Finding> {
    let oauth = &config.stripe.oauth;
    let mut findings = Vec::new();
    for (mode, platform) in [("live", &oauth.live), ("test", &oauth.test)] {
        if platform.is_set() {
            let secret = format!(
                "INLET_STRIPE__OAUTH__{}__WEBHOOK_SECRET",
                mode.to_uppercase()
            );
            if platform.webhook_secret.is_none() {
                let text = format!("{secret} is missing: without it no event is believed");
                findings.push(Finding::new(false, text));
            }
            findings.push(of_platform(app, mode, platform).await);
        }
    }
    findings
}

async fn of_platform(app: &App, mode: &str, platform: &OAuthAppConfig) -> Finding {
    let name = format!("the platform's webhook in {mode} mode");
    let key = platform.secret_key.as_ref();
    let key = key.map(|key| ApiKey::parse(key.expose_secret(), true));
    let Some(Ok(key)) = key else {
        return Finding::new(
            false,
            format!("{name}: the platform's secret key is no key"),
        );
    };
    let credential = Credential::from(key);
    let listing = app.gateway.stripe().list_webhook_endpoints(&credential);
    match tokio::time::timeout(PATIENCE, listing).await {
        Err(_) => Finding::new(
            false,
            format!("{name} was not looked at: Stripe does not answer"),
        ),
        Ok(Err(error)) => Finding::new(false, format!("{name} was not looked at: {error}")),
        Ok(Ok(endpoints)) => {
            let livemode = mode == "live";
            let url = app.gateway.platform_webhook(livemode).url;
            let here = |endpoint: &&WebhookEndpoint| app.gateway.is_platform_address(&endpoint.url);
            let here: Vec<_> = endpoints.iter().filter(here).collect();
            match amiss(&here, &url) {
                None => Finding::new(true, format!("{name} is active")),
                Some(amiss) => Finding::new(false, format!("{name}: {amiss}")),
            }
        }
    }
}

/// What is wrong with the endpoints at the platform's address.
fn amiss(here: &[&WebhookEndpoint], url: &str) -> Option<String> {
    let wanted = [&SUBSCRIBED[..], &CONNECT_ONLY[..]].concat();
    let connect: Vec<_> = here
        .iter()
        .filter(|endpoint| endpoint.is_connect())
        .collect();
    let endpoint = match (&connect[..], here) {
        ([endpoint], _) => endpoint,
        ([], []) => {
            return Some(format!(
                "there is none. Create an endpoint at {url} in the Stripe dashboard that listens to connected accounts \
                 and sends {}",
                wanted.join(", ")
            ));
        }
        ([], _) => {
            return Some(format!(
                "the endpoint at {url} hears only of the platform itself: create one that listens to connected accounts"
            ));
        }
        (many, _) => {
            return Some(format!(
                "{} endpoints are at {url}: remove all but one",
                many.len()
            ));
        }
    };
    let lacks = endpoint.lacks(&wanted);
    if !endpoint.is_enabled() {
        return Some(format!(
            "{} is switched off: enable it in the Stripe dashboard",
            endpoint.id
        ));
    }
    (!lacks.is_empty()).then(|| format!("{} does not send {}", endpoint.id, lacks.join(", ")))
}
