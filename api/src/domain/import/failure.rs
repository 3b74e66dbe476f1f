//! What an import does when Stripe refuses.

use crate::{
    storage::ImportFailure,
    stripe::{Outage, StripeError, StripeErrorKind},
};

/// The code of an import whose account took access back.
const REVOKED: &str = "REVOKED";

const ACCESS_REVOKED: &str =
    "Stripe no longer gives access to the account. Connect again: what was imported stays.";

/// How an import ends whose account took access back.
pub(in crate::domain) fn revoked() -> ImportFailure {
    failure(REVOKED, ACCESS_REVOKED, false)
}

/// What to do about a failed page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Try the page again later; the sentence says what is wrong meanwhile.
    Wait(&'static str),
    /// Start the window's list again behind what is covered.
    Rewind,
    /// Find out which permissions are missing.
    Recheck,
    /// Give the import up.
    Fail(ImportFailure),
}

/// A page that failed so often in a row is not going to work: with pauses of up to five minutes, about six hours.
const MOST_ATTEMPTS: i32 = 80;

impl Remedy {
    /// What to do after a page has failed `attempts` times in a row.
    #[must_use]
    pub fn of(error: &StripeError, attempts: i32) -> Self {
        if may_pass(error) {
            return if attempts < MOST_ATTEMPTS {
                Self::Wait(trouble(error))
            } else {
                Self::Fail(failure(
                    "STRIPE_UNAVAILABLE",
                    "Stripe could not be reached for hours. Start the import again later.",
                    true,
                ))
            };
        }
        match error.kind {
            StripeErrorKind::MissingPermission { .. } if attempts < MOST_ATTEMPTS => Self::Recheck,
            StripeErrorKind::BadCursor if attempts < MOST_ATTEMPTS => Self::Rewind,
            StripeErrorKind::KeyRejected => Self::Fail(failure(
                "CREDENTIALS_INVALID",
                "Stripe no longer accepts the key. Connect again with a new key: what was imported stays.",
                false,
            )),
            StripeErrorKind::KeyExpired => Self::Fail(failure(
                "CREDENTIALS_EXPIRED",
                "The key has expired. Connect again with a new key: what was imported stays.",
                false,
            )),
            StripeErrorKind::IpNotAllowed => Self::Fail(failure(
                "IP_NOT_ALLOWED",
                "The key's access policy does not allow requests from this server. Allow its IP address in the Stripe dashboard, then start the import again.",
                true,
            )),
            StripeErrorKind::AccountInvalid => Self::Fail(revoked()),
            _ => Self::Fail(failure(
                "STRIPE_REFUSED",
                "Stripe refused a request of the import. Start it again; if it fails again, ask the operator to look at the log.",
                true,
            )),
        }
    }
}

/// Whether it may work later. Stripe's word that trying again is no use makes the pause longer, not the end: one
/// stubborn page is no reason to give a whole import up.
fn may_pass(error: &StripeError) -> bool {
    match error.kind {
        StripeErrorKind::RateLimited { .. } => true,
        StripeErrorKind::Unavailable(outage) => outage != Outage::TooLarge,
        _ => error.should_retry(),
    }
}

fn failure(code: &str, message: &str, retryable: bool) -> ImportFailure {
    ImportFailure {
        code: code.to_owned(),
        message: message.to_owned(),
        retryable,
    }
}

fn trouble(error: &StripeError) -> &'static str {
    match error.kind {
        StripeErrorKind::RateLimited { .. } => {
            "Stripe is limiting the rate of requests; the import goes on more slowly."
        }
        _ => "Stripe cannot be reached or has trouble; the import goes on as soon as it answers.",
    }
}
