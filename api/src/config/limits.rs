use std::time::Duration;

use serde::Deserialize;

use super::error::Problems;

/// What a client may ask for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// The body of a GraphQL request over HTTP.
    pub query_body_bytes: usize,
    /// Tokens of a document.
    pub query_tokens: usize,
    /// How deep fields may nest.
    pub query_depth: usize,
    /// The cost of an operation.
    pub query_complexity: usize,
    /// Aliases in a document.
    pub query_aliases: usize,
    /// Directives in a document.
    pub query_directives: usize,
    /// Fields at the root of an operation.
    pub query_root_fields: usize,
    /// How long an operation may take.
    pub query_timeout_seconds: u64,
    /// Items of a page where the client does not say.
    pub page_size: usize,
    /// Items of a page at most.
    pub max_page_size: usize,
    /// Sockets of one API token, per process.
    pub sockets_per_token: usize,
    /// Subscriptions on one socket.
    pub subscriptions_per_socket: usize,
    /// One message on a socket.
    pub socket_message_bytes: usize,
    /// How long a new socket may take to send `connection_init`.
    pub socket_init_seconds: u64,
}

impl LimitsConfig {
    /// How long an operation may take.
    #[must_use]
    pub fn query_timeout(&self) -> Duration {
        Duration::from_secs(self.query_timeout_seconds)
    }

    /// How long a new socket may take to send `connection_init`.
    #[must_use]
    pub fn socket_init(&self) -> Duration {
        Duration::from_secs(self.socket_init_seconds)
    }

    pub(super) fn check(&self, max_body_bytes: usize, problems: &mut Problems) {
        for (setting, value, most) in [
            (
                "limits.query_body_bytes",
                self.query_body_bytes,
                max_body_bytes,
            ),
            ("limits.query_tokens", self.query_tokens, 1_000_000),
            ("limits.query_depth", self.query_depth, 100),
            (
                "limits.query_complexity",
                self.query_complexity,
                100_000_000,
            ),
            ("limits.query_aliases", self.query_aliases, 100_000),
            ("limits.query_directives", self.query_directives, 100_000),
            ("limits.query_root_fields", self.query_root_fields, 10_000),
            ("limits.page_size", self.page_size, self.max_page_size),
            ("limits.max_page_size", self.max_page_size, 1_000),
            (
                "limits.sockets_per_token",
                self.sockets_per_token,
                10_000_000,
            ),
            (
                "limits.subscriptions_per_socket",
                self.subscriptions_per_socket,
                100_000,
            ),
            (
                "limits.socket_message_bytes",
                self.socket_message_bytes,
                64 * 1_024 * 1_024,
            ),
        ] {
            problems.check_range(setting, value, 1, most);
        }
        for (setting, value) in [
            ("limits.query_timeout_seconds", self.query_timeout_seconds),
            ("limits.socket_init_seconds", self.socket_init_seconds),
        ] {
            problems.check_range(setting, value, 1, 3_600);
        }
    }
}
