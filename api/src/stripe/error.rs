//! Failures of calls to Stripe, told apart by what the caller can do.

use std::{fmt, time::Duration};

/// A call to Stripe that did not succeed; its text is ours and holds nothing of Stripe's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeError {
    /// What happened.
    pub kind: StripeErrorKind,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// Stripe's name of the request, which its support asks for.
    pub request_id: Option<String>,
    /// What Stripe said about trying again, in its own header.
    pub(super) retry_hint: Option<bool>,
}

/// What happened (Stripe contract sections 1.1 and 2.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StripeErrorKind {
    /// The key's owner has to tick a row; the names are Stripe's, as far as it gave them.
    #[error("The Stripe key lacks a permission that this request needs.")]
    MissingPermission {
        permission: Option<String>,
        account: Option<String>,
    },
    /// Wrong, revoked or rolled: only the user can help.
    #[error("Stripe does not accept the key.")]
    KeyRejected,
    /// The key had a date of expiry, or was rolled.
    #[error("The Stripe key has expired.")]
    KeyExpired,
    /// The key's access policy leaves out our addresses.
    #[error("The Stripe key's access policy does not allow requests from this server.")]
    IpNotAllowed,
    /// Access was revoked, or the account is another one.
    #[error("Stripe no longer gives access to this account.")]
    AccountInvalid,
    /// The object does not exist in this account and mode.
    #[error("Stripe has no such object in this account and mode.")]
    NotFound { param: Option<String> },
    /// The object that a list was to go on from is gone: begin the span again.
    #[error("The position in Stripe's list no longer exists.")]
    BadCursor,
    /// Stripe, or whatever answers in its place, has no such endpoint.
    #[error("Stripe does not know the requested address.")]
    UnknownUrl,
    /// We asked wrongly; trying again cannot help.
    #[error("Stripe did not accept the request as it was made.")]
    InvalidRequest {
        code: Option<String>,
        param: Option<String>,
    },
    /// The account has as many webhook endpoints as fit.
    #[error("The Stripe account has no room for another webhook endpoint.")]
    EndpointLimit,
    /// The API version that was asked for cannot be had on this account.
    #[error("Stripe does not give this account the API version that was asked for.")]
    VersionRefused,
    /// Too much at once: come back later, and slower.
    #[error("Stripe is limiting the rate of requests.")]
    RateLimited {
        reason: Option<RateLimitReason>,
        retry_after: Option<Duration>,
    },
    /// Forbidden for a reason that Stripe did not give.
    #[error("Stripe refused the request.")]
    Refused,
    /// No usable answer; nothing is known about the key or the object.
    #[error("Stripe cannot be reached at the moment ({0}).")]
    Unavailable(Outage),
}

/// Which limit was hit (Stripe contract section 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimitReason {
    GlobalRate,
    EndpointRate,
    GlobalConcurrency,
    EndpointConcurrency,
    ResourceSpecific,
    /// Another request holds the object.
    Lock,
    /// A reason that is new to us.
    Other,
}

impl RateLimitReason {
    /// Whether fewer requests side by side are the remedy, rather than a lower rate.
    #[must_use]
    pub fn is_concurrency(self) -> bool {
        matches!(self, Self::GlobalConcurrency | Self::EndpointConcurrency)
    }
}

/// How an answer failed to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    #[error("the answer did not come in time")]
    Timeout,
    #[error("no connection could be made")]
    Connect,
    #[error("the connection broke")]
    Reset,
    #[error("the answer was cut off")]
    Truncated,
    #[error("the answer was too large")]
    TooLarge,
    #[error("the answer was not understood")]
    NotUnderstood,
    #[error("another request was in the way")]
    Conflict,
    #[error("a service that Stripe depends on failed")]
    Dependency,
    #[error("Stripe has an internal problem")]
    Server,
    #[error("the answer had an unexpected status")]
    UnexpectedStatus,
}

impl StripeError {
    /// A failure without an answer.
    #[must_use]
    pub fn unavailable(outage: Outage) -> Self {
        let kind = StripeErrorKind::Unavailable(outage);
        Self {
            kind,
            status: None,
            request_id: None,
            retry_hint: None,
        }
    }

    /// Whether the same request may succeed later; Stripe's own word counts first.
    #[must_use]
    pub fn should_retry(&self) -> bool {
        self.retry_hint.unwrap_or(match &self.kind {
            StripeErrorKind::RateLimited { .. } => true,
            StripeErrorKind::Unavailable(outage) => *outage != Outage::TooLarge,
            _ => false,
        })
    }

    /// How long Stripe asked us to wait, if it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            StripeErrorKind::RateLimited { retry_after, .. } => retry_after,
            _ => None,
        }
    }

    /// Whether only the account's owner can help: every call with this credential will fail.
    #[must_use]
    pub fn ends_connection(&self) -> bool {
        matches!(
            self.kind,
            StripeErrorKind::KeyRejected
                | StripeErrorKind::KeyExpired
                | StripeErrorKind::IpNotAllowed
                | StripeErrorKind::AccountInvalid
        )
    }
}

impl fmt::Display for StripeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(formatter)
    }
}

impl std::error::Error for StripeError {}
