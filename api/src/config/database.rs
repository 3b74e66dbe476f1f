use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{error::Problems, value};

/// Where everything is stored.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite://…` or `postgres://…`, the latter with a password.
    pub url: SecretString,
    /// How many connections a process opens at most.
    pub max_connections: u32,
}

impl DatabaseConfig {
    /// Whether the database is a file of this machine.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.url.expose_secret().starts_with("sqlite:")
    }

    /// The URL for logs, without its password.
    #[must_use]
    pub fn redacted_url(&self) -> String {
        value::redacted(&self.url)
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        let url = self.url.expose_secret();
        let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        if !is_postgres && !self.is_sqlite() {
            problems.add("database.url", "must begin with sqlite:// or postgres://");
        }
        problems.check_range("database.max_connections", self.max_connections, 1, 1_000);
    }
}
