use std::{net::SocketAddr, time::Duration};

use serde::{Deserialize, Deserializer, de::Error};
use url::Url;

use super::{error::Problems, value};

/// What the server listens on, and how it is reached.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// The address and port to listen on.
    #[serde(deserialize_with = "socket_address")]
    pub listen: SocketAddr,
    /// How Stripe and browsers reach the gateway.
    #[serde(deserialize_with = "value::url")]
    pub public_url: Url,
    /// Where startStripeOAuth may return to, besides the console.
    #[serde(deserialize_with = "value::urls")]
    pub return_urls: Vec<Url>,
    /// Origins of pages that may call the API from a browser; `*` for all.
    #[serde(deserialize_with = "value::list")]
    pub cors_origins: Vec<String>,
    /// The largest body of any request.
    pub max_body_bytes: usize,
    /// How long a request may take.
    pub request_timeout_seconds: u64,
    /// How long work may take to end after the first signal.
    pub shutdown_grace_seconds: u64,
}

impl ServerConfig {
    /// How long a request may take.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }

    /// How long work may take to end after the first signal.
    #[must_use]
    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace_seconds)
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        value::check_http_url("server.public_url", &self.public_url, problems);
        if self.public_url.query().is_some() {
            problems.add("server.public_url", "must not have parameters (?…)");
        }
        for url in &self.return_urls {
            value::check_http_url("server.return_urls", url, problems);
        }
        if !self.cors_origins.iter().all(|origin| is_origin(origin)) {
            problems.add(
                "server.cors_origins",
                "must be origins, such as https://app.example, or *",
            );
        }
        problems.check_range(
            "server.max_body_bytes",
            self.max_body_bytes,
            1_024,
            64 * 1_024 * 1_024,
        );
        problems.check_range(
            "server.request_timeout_seconds",
            self.request_timeout_seconds,
            1,
            3_600,
        );
        problems.check_range(
            "server.shutdown_grace_seconds",
            self.shutdown_grace_seconds,
            0,
            3_600,
        );
    }
}

/// Whether a text is an origin as browsers write it, or the sign for all of them.
fn is_origin(text: &str) -> bool {
    let url = || Url::parse(text).ok();
    text == "*"
        // A part of a name cannot be left open.
        || !text.contains('*')
            && url().is_some_and(|url| url.has_host() && url.origin().ascii_serialization() == text)
}

fn socket_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| D::Error::custom("must be an address and port, such as 0.0.0.0:8080"))
}
