//! How a flow can fail: a code for programs and a sentence for people.

use crate::{
    domain::connection::history::HistoryError,
    storage::{Conflict, StorageError},
    stripe::GrantError,
};

/// Why a flow made no connection. Nothing was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuthFailure {
    /// The user said no.
    #[error("You did not allow access at Stripe, so nothing was connected.")]
    AccessDenied,
    /// The state is unknown, out of date, or another browser's.
    #[error(
        "This link is not valid, has expired, or was opened in another browser. Start connecting again."
    )]
    StateInvalid,
    /// The state was used before.
    #[error(
        "This step was already taken. If the account is not connected, start connecting again."
    )]
    StateUsed,
    /// Stripe granted the other mode.
    #[error(
        "Stripe gave access in another mode than was asked for (live or test). Start connecting again."
    )]
    WrongMode,
    /// A connection was to be connected again, and the user chose another account.
    #[error(
        "You chose another Stripe account than the one that is connected. Connect the same account again, or make a new connection."
    )]
    OtherAccount,
    /// The workspace has the account already.
    #[error(
        "This Stripe account is already connected. To renew its access, connect again from that connection."
    )]
    AccountAlreadyConnected,
    /// Stripe refused to exchange the code.
    #[error("Stripe did not complete the connection. Start connecting again.")]
    ExchangeFailed,
    /// Stripe gave no clear answer when the code was exchanged.
    #[error(
        "Stripe did not answer clearly in time, and the step cannot be repeated. Start connecting again."
    )]
    ExchangeTimedOut,
    /// Another connection has the name by now.
    #[error(
        "Another connection has this name by now. Start connecting again with a different one."
    )]
    NameTaken,
    /// Something that the gateway needs is away.
    #[error(
        "The connection cannot be completed at the moment. Start connecting again in a few minutes."
    )]
    Unavailable,
    /// A fault of the gateway.
    #[error(
        "Something went wrong here, and nothing was connected. It has been logged; start connecting again later."
    )]
    Internal,
}

impl OAuthFailure {
    /// The code, for programs; it never changes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AccessDenied => "OAUTH_ACCESS_DENIED",
            Self::StateInvalid => "OAUTH_STATE_INVALID",
            Self::StateUsed => "OAUTH_STATE_USED",
            Self::WrongMode => "OAUTH_WRONG_MODE",
            Self::OtherAccount => "OAUTH_OTHER_ACCOUNT",
            Self::AccountAlreadyConnected => "OAUTH_ACCOUNT_ALREADY_CONNECTED",
            Self::ExchangeFailed => "OAUTH_EXCHANGE_FAILED",
            Self::ExchangeTimedOut => "OAUTH_EXCHANGE_TIMED_OUT",
            Self::NameTaken => "OAUTH_NAME_TAKEN",
            Self::Unavailable => "OAUTH_UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

impl From<StorageError> for OAuthFailure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Conflict(Conflict::ConnectionName) => Self::NameTaken,
            StorageError::Conflict(Conflict::StripeAccount) => Self::AccountAlreadyConnected,
            other => {
                tracing::error!(error = %other, "the database failed while an account was connected");
                if other.is_unavailable() {
                    Self::Unavailable
                } else {
                    Self::Internal
                }
            }
        }
    }
}

impl From<HistoryError> for OAuthFailure {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Storage(error) => error.into(),
            HistoryError::Stripe(error) => {
                tracing::warn!(%error, "nobody can tell whether an account is the one that was connected");
                Self::Unavailable
            }
        }
    }
}

impl From<GrantError> for OAuthFailure {
    fn from(error: GrantError) -> Self {
        tracing::warn!(%error, "a code was not exchanged");
        match error {
            GrantError::Refused(_) => Self::ExchangeFailed,
            GrantError::Unknown(_) => Self::ExchangeTimedOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_failure_has_its_own_code_and_sentence() {
        let all = [
            OAuthFailure::AccessDenied,
            OAuthFailure::StateInvalid,
            OAuthFailure::StateUsed,
            OAuthFailure::WrongMode,
            OAuthFailure::OtherAccount,
            OAuthFailure::AccountAlreadyConnected,
            OAuthFailure::ExchangeFailed,
            OAuthFailure::ExchangeTimedOut,
            OAuthFailure::NameTaken,
            OAuthFailure::Unavailable,
            OAuthFailure::Internal,
        ];

        let codes: HashSet<_> = all.iter().map(|failure| failure.code()).collect();
        let sentences: HashSet<_> = all.iter().map(ToString::to_string).collect();

        assert_eq!((codes.len(), sentences.len()), (all.len(), all.len()));
    }
}
