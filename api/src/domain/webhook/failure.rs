//! Why something about a webhook could not be done at Stripe.

use super::survey::SurveyError;
use crate::{
    storage::{StorageError, WebhookProblem},
    stripe::{StripeError, StripeErrorKind},
};

/// What stood in the way.
#[derive(Debug, thiserror::Error)]
pub enum WebhookFailure {
    /// The key may not read or write webhook endpoints.
    #[error(
        "The key does not grant Webhook Endpoints: allow it to write them in the Stripe dashboard, and try again."
    )]
    NotGranted,
    /// The account has as many endpoints as fit, and none of them is ours to remove.
    #[error(
        "The Stripe account has no room for another webhook endpoint: remove one that is not needed in the Stripe dashboard, and try again."
    )]
    NoRoom,
    /// Stripe does not send events to the gateway's address.
    #[error(
        "Stripe does not send events to this gateway's address: INLET_SERVER__PUBLIC_URL must be https and reachable from the internet."
    )]
    UrlRefused,
    /// Stripe refuses, and does not say why.
    #[error(
        "Stripe did not accept the webhook. Try again; if it fails again, ask the operator to look at the log."
    )]
    Refused,
    /// Stripe does not take the credentials.
    #[error("Stripe does not accept the connection's credentials: connect again with a new key.")]
    Credentials(StripeError),
    /// Stripe cannot be reached or limits us.
    #[error("Stripe cannot be reached at the moment. Try again.")]
    Unavailable {
        /// How long Stripe asked to wait, in seconds.
        retry_after: Option<u64>,
    },
    /// Somebody else is at it, or the connection was ended meanwhile.
    #[error("The webhook of this connection is being rebuilt already. Try again in a moment.")]
    Underway,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl WebhookFailure {
    /// What to note on a webhook that could not be made; none where trying again is the remedy.
    pub(super) fn problem(&self) -> Option<WebhookProblem> {
        match self {
            Self::NoRoom => Some(WebhookProblem::Limit),
            Self::UrlRefused => Some(WebhookProblem::Url),
            Self::Refused => Some(WebhookProblem::Refused),
            _ => None,
        }
    }
}

impl From<StripeError> for WebhookFailure {
    fn from(error: StripeError) -> Self {
        tracing::info!(
            stripe.request_id = error.request_id,
            stripe.status = error.status,
            "a call about webhooks failed: {error}"
        );
        if error.ends_connection() {
            return Self::Credentials(error);
        }
        match &error.kind {
            StripeErrorKind::MissingPermission { .. } => Self::NotGranted,
            StripeErrorKind::EndpointLimit => Self::NoRoom,
            StripeErrorKind::InvalidRequest { code, param }
                if code.as_deref() == Some("url_invalid") || param.as_deref() == Some("url") =>
            {
                Self::UrlRefused
            }
            StripeErrorKind::RateLimited { .. } | StripeErrorKind::Unavailable(_) => {
                Self::Unavailable {
                    retry_after: error.retry_after().map(|wait| wait.as_secs()),
                }
            }
            _ => Self::Refused,
        }
    }
}

impl From<SurveyError> for WebhookFailure {
    fn from(error: SurveyError) -> Self {
        match error {
            SurveyError::Stripe(error) => error.into(),
            SurveyError::Storage(error) => error.into(),
        }
    }
}
