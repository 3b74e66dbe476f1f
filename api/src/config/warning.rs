use super::{load::Config, stripe::OAuthConfig, value::is_loopback};

/// Stripe's own limit in live mode.
const STRIPE_REQUESTS_PER_SECOND: u32 = 100;

/// Settings that work, and that the operator should know about.
pub(super) fn warnings(config: &Config) -> Vec<String> {
    let mut warnings: Vec<String> = config.ignored.iter().map(|name| strange(name)).collect();
    let mut warn = |holds: bool, text: &str| {
        if holds {
            warnings.push(text.to_owned());
        }
    };
    let public = &config.server.public_url;
    let public_http = public.scheme() == "http" && !is_loopback(public);
    warn(
        public_http,
        "server.public_url is http: tokens and webhooks travel in the clear, and Stripe's live mode refuses it",
    );
    warn(
        public.scheme() == "http" && config.stripe.oauth.live.is_set(),
        "stripe.oauth.live is set, and server.public_url is http: Stripe redirects to https only in live mode",
    );
    warn(
        oauth_without_events(&config.stripe.oauth),
        "stripe.oauth has a client_id without a webhook_secret: connections by OAuth get no live events",
    );
    warn(
        is_loopback(public) && !config.server.listen.ip().is_loopback(),
        "server.listen is open to the network, and server.public_url is of this machine: Stripe cannot reach the webhooks",
    );
    warn(
        config.stripe.api_url.scheme() == "http" && !is_loopback(&config.stripe.api_url),
        "stripe.api_url is http: Stripe keys travel in the clear",
    );
    warn(
        config.stripe.allow_secret_keys,
        "stripe.allow_secret_keys is on: a full secret key can move the merchant's money, a restricted key cannot",
    );
    warn(
        config.notifications.allow_private_addresses
            && config.server.public_url.scheme() == "https",
        "notifications.allow_private_addresses is on: whoever may make notification endpoints can have requests sent into this network",
    );
    warn(
        !config.database.is_sqlite() && config.redis.url.is_none(),
        "redis.url is not set: with more than one process, each keeps its own OAuth state, progress and rate budgets",
    );
    warn(
        !config.database.is_sqlite() && config.secrets.master_keys.is_none(),
        "secrets.master_keys is not set, and there is no SQLite file to keep a key file beside",
    );
    warn(
        config.import.live_requests_per_second > STRIPE_REQUESTS_PER_SECOND,
        "import.live_requests_per_second is above Stripe's limit of 100, which the merchant's own checkout shares",
    );
    warnings
}

fn oauth_without_events(oauth: &OAuthConfig) -> bool {
    [&oauth.live, &oauth.test]
        .iter()
        .any(|app| app.is_set() && app.webhook_secret.is_none())
}

fn strange(name: &str) -> String {
    format!("{name} is not a setting and was ignored: settings are spelt INLET_<SECTION>__<KEY>")
}
