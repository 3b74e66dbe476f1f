use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{error::Problems, value};

const SCHEMES: [&str; 5] = [
    "redis://",
    "rediss://",
    "redis+unix://",
    "unix://",
    "valkey://",
];

/// What replicas share.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://…`; without it, state is kept in the process.
    pub url: Option<SecretString>,
}

impl RedisConfig {
    /// The URL for logs, without its password.
    #[must_use]
    pub fn redacted_url(&self) -> Option<String> {
        self.url.as_ref().map(value::redacted)
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        let Some(url) = &self.url else { return };
        let known = |scheme: &str| url.expose_secret().starts_with(scheme);
        if !SCHEMES.into_iter().any(known) {
            problems.add(
                "redis.url",
                "must begin with redis://, rediss:// or unix://",
            );
        }
    }
}
