use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

use super::error::Problems;

/// What a client may ask for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// The body of a GraphQL request over HTTP.
    pub query_body_bytes: usize,
    /// The answer to a GraphQL request over HTTP.
    pub answer_bytes: usize,
    /// How deep fields may nest.
    pub query_depth: usize,
    /// The cost of an operation.
    pub query_complexity: u64,
    /// The cost of a token's operations together: what may be spent at once.
    pub cost_allowance: u64,
    /// How much of it comes back each second.
    pub cost_restore_per_second: u64,
    /// How long an operation may take.
    pub query_timeout_seconds: u64,
    /// A file of the only documents that are executed.
    pub trusted_documents: Option<PathBuf>,
    /// Items of a page where the client does not say.
    pub page_size: u64,
    /// Items of a page at most.
    pub max_page_size: u64,
    /// Whether the schema is told to callers without a token.
    pub anonymous_introspection: bool,
    /// One message on a socket.
    pub socket_message_bytes: usize,
    /// Operations under way at once on one socket.
    pub socket_operations: usize,
    /// Sockets and streams that one token may have open, in each process.
    pub sockets_per_token: usize,
    /// How long a new socket may take to introduce itself.
    pub socket_init_seconds: u64,
    /// How often open sockets are pinged, and open streams get a sign of life.
    pub heartbeat_seconds: u64,
    /// How soon open sockets and streams end when their token is revoked.
    pub token_check_seconds: u64,
}

/// Costs beyond this are as good as no limit.
const MOST_COST: u64 = 1_000_000_000;

impl LimitsConfig {
    /// How long an operation may take.
    #[must_use]
    pub fn query_timeout(&self) -> Duration {
        Duration::from_secs(self.query_timeout_seconds)
    }

    /// How long a new socket may take to introduce itself.
    #[must_use]
    pub fn socket_init(&self) -> Duration {
        Duration::from_secs(self.socket_init_seconds)
    }

    /// How often open sockets and streams get a sign of life.
    #[must_use]
    pub fn heartbeat(&self) -> Duration {
        Duration::from_secs(self.heartbeat_seconds)
    }

    /// How soon a token that was revoked is noticed.
    #[must_use]
    pub fn token_check(&self) -> Duration {
        Duration::from_secs(self.token_check_seconds)
    }

    pub(super) fn check(&self, max_body_bytes: usize, problems: &mut Problems) {
        for (setting, value, most) in [
            (
                "limits.query_body_bytes",
                self.query_body_bytes,
                max_body_bytes,
            ),
            (
                "limits.answer_bytes",
                self.answer_bytes,
                1_024 * 1_024 * 1_024,
            ),
            ("limits.query_depth", self.query_depth, 100),
            (
                "limits.socket_message_bytes",
                self.socket_message_bytes,
                64 * 1_024 * 1_024,
            ),
            ("limits.socket_operations", self.socket_operations, 10_000),
            (
                "limits.sockets_per_token",
                self.sockets_per_token,
                1_000_000,
            ),
        ] {
            problems.check_range(setting, value, 1, most);
        }
        for (setting, value, most) in [
            ("limits.page_size", self.page_size, self.max_page_size),
            ("limits.max_page_size", self.max_page_size, 1_000),
            ("limits.query_complexity", self.query_complexity, MOST_COST),
            (
                "limits.cost_restore_per_second",
                self.cost_restore_per_second,
                MOST_COST,
            ),
        ] {
            problems.check_range(setting, value, 1, most);
        }
        for (setting, seconds) in [
            ("limits.query_timeout_seconds", self.query_timeout_seconds),
            ("limits.socket_init_seconds", self.socket_init_seconds),
            ("limits.heartbeat_seconds", self.heartbeat_seconds),
            ("limits.token_check_seconds", self.token_check_seconds),
        ] {
            problems.check_range(setting, seconds, 1, 3_600);
        }
        // Or an operation that is allowed could never be paid for.
        problems.check_range(
            "limits.cost_allowance",
            self.cost_allowance,
            self.query_complexity,
            MOST_COST,
        );
    }
}
