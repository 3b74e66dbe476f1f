//! What an import does when Stripe refuses.

use crate::{
    storage::{ImportFailure, OAuthKind},
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
    /// Go on without the resource, or give the import up where nothing works without it.
    LeaveOut(ImportFailure),
    /// Give the import up.
    Fail(ImportFailure),
}

/// A page that failed so often in a row is not going to work: with pauses of up to five minutes, about six hours.
const MOST_ATTEMPTS: i32 = 80;

impl Remedy {
    /// What to do after a page has failed `attempts` times in a row, of a connection that let us in by this kind of
    /// OAuth or, without one, by a key.
    #[must_use]
    pub fn of(error: &StripeError, attempts: i32, oauth: Option<OAuthKind>) -> Self {
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
            StripeErrorKind::KeyRejected => Self::Fail(rejected(oauth)),
            StripeErrorKind::KeyExpired => Self::Fail(expired(oauth)),
            StripeErrorKind::IpNotAllowed => Self::Fail(not_allowed(oauth)),
            StripeErrorKind::AccountInvalid => Self::Fail(revoked()),
            _ => Self::LeaveOut(failure(
                "STRIPE_REFUSED",
                "Stripe refused a request of the import. Start it again; if it fails again, ask the operator to look at the log.",
                true,
            )),
        }
    }
}

/// What is said of a resource whose list Stripe refuses for good.
#[must_use]
pub fn refused_list(request_id: Option<&str>) -> String {
    let named = request_id.map_or(String::new(), |id| {
        format!(" Stripe's support finds the reason by the request {id}.")
    });
    format!(
        "Stripe refused this list, and the import went on without it: start it again to try once more.{named}"
    )
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

/// How an import ends whose credentials Stripe does not know any more; they are not always the merchant's own.
fn rejected(oauth: Option<OAuthKind>) -> ImportFailure {
    match oauth {
        None => failure(
            "CREDENTIALS_INVALID",
            "Stripe no longer accepts the key. Connect again with a new key: what was imported stays.",
            false,
        ),
        Some(OAuthKind::Connect) => failure(
            "CREDENTIALS_INVALID",
            "Stripe no longer accepts the key of the gateway's own platform. The operator has to configure the new one; \
             then start the import again.",
            true,
        ),
        Some(OAuthKind::App) => failure(
            "CREDENTIALS_EXPIRED",
            "Stripe no longer renews the access. Connect again through Stripe: what was imported stays.",
            false,
        ),
    }
}

fn expired(oauth: Option<OAuthKind>) -> ImportFailure {
    match oauth {
        None => failure(
            "CREDENTIALS_EXPIRED",
            "The key has expired. Connect again with a new key: what was imported stays.",
            false,
        ),
        Some(_) => rejected(oauth),
    }
}

fn not_allowed(oauth: Option<OAuthKind>) -> ImportFailure {
    let message = match oauth {
        None => {
            "The key's access policy does not allow requests from this server. Allow its IP address in the Stripe \
             dashboard, then start the import again."
        }
        Some(_) => {
            "Stripe does not allow the gateway's own platform to be used from this server. The operator has to allow the \
             server's IP address at Stripe; then start the import again."
        }
    };
    failure("IP_NOT_ALLOWED", message, true)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_let_us_in_without_a_key_is_not_told_of_one() {
        let failure = |kind: StripeErrorKind, oauth| {
            let mut error = StripeError::unavailable(Outage::Reset);
            error.kind = kind;
            match Remedy::of(&error, 1, oauth) {
                Remedy::Fail(failure) => failure,
                other => panic!("{other:?}"),
            }
        };
        for kind in [
            StripeErrorKind::KeyRejected,
            StripeErrorKind::KeyExpired,
            StripeErrorKind::IpNotAllowed,
        ] {
            let by_key = failure(kind.clone(), None).message;
            assert!(by_key.contains("key"), "{by_key}");
            for oauth in [OAuthKind::Connect, OAuthKind::App] {
                let words = failure(kind.clone(), Some(oauth)).message;
                assert!(!words.contains("new key"), "{words}");
                assert!(!words.contains("The key"), "{words}");
            }
        }
    }
}
