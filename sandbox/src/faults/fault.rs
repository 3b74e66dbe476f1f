//! What can go wrong.

use std::time::Duration;

use serde::Deserialize;

/// Something that goes wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// 429 with `Stripe-Rate-Limited-Reason`.
    RateLimited {
        /// The reason, as `global-rate` or `endpoint-concurrency`.
        reason: String,
    },
    /// 429 with `lock_timeout` and no reason: another request holds the object.
    LockTimeout,
    /// 500 with Stripe's own body; with an idempotency key the outcome is kept.
    ServerError,
    /// 502 with a page of HTML, as load balancers answer.
    BadGateway,
    /// 503 with Stripe's own body.
    Unavailable,
    /// The right status and headers, then half of the body, then silence and a cut.
    TruncatedBody,
    /// 200 with a body that is not JSON.
    InvalidJson,
    /// 403 without a body.
    EmptyForbidden,
    /// A page that goes on behind an object begins with that object again.
    RepeatedObject,
    /// The first page of a list lacks its newest object, as for a moment after it was made.
    MissingNewest,
    /// The request is carried out, then the connection is reset instead of an answer.
    ConnectionReset,
    /// The request is carried out, then nothing comes for this long, then the answer.
    Stall {
        /// How long nothing comes.
        #[serde(rename = "ms", deserialize_with = "millis")]
        duration: Duration,
    },
}

impl Fault {
    /// A 429 with this reason.
    #[must_use]
    pub fn rate_limited(reason: &str) -> Self {
        Self::RateLimited {
            reason: reason.to_owned(),
        }
    }

    /// The name under which it is counted.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::LockTimeout => "lock_timeout",
            Self::ServerError => "server_error",
            Self::BadGateway => "bad_gateway",
            Self::Unavailable => "unavailable",
            Self::TruncatedBody => "truncated_body",
            Self::InvalidJson => "invalid_json",
            Self::EmptyForbidden => "empty_forbidden",
            Self::RepeatedObject => "repeated_object",
            Self::MissingNewest => "missing_newest",
            Self::ConnectionReset => "connection_reset",
            Self::Stall { .. } => "stall",
        }
    }
}

pub(crate) fn millis<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}
