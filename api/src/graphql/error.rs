use std::{borrow::Cow, error::Error as StdError};

use async_graphql::ErrorExtensions;

use crate::{
    auth::MissingScope,
    domain::{
        WatchError,
        payment::{PaymentWatchError, SearchError, StatsError},
        token::AuthenticateError,
    },
    storage::StorageError,
};

/// What kind of error it is: stable, for programs, in `extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// No token, or one that has ended.
    Unauthenticated,
    /// The token lacks a scope.
    Forbidden,
    /// The request is wrong, and would be wrong again.
    BadUserInput,
    /// The document is to be sent: it is not known by its hash.
    PersistedQueryNotFound,
    /// The operation asks for more than one operation may.
    QueryTooComplex,
    /// Something else has to end first.
    Conflict,
    /// Too many requests.
    RateLimited,
    /// Something that the gateway needs is away; trying again may help.
    Unavailable,
    /// Something was missed: read the list again, then subscribe anew.
    ResyncRequired,
    /// Connecting through Stripe is not possible at the moment; everything else is.
    OAuthUnavailable,
    /// The gateway is at fault.
    Internal,
}

impl Code {
    /// The code as answers write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::Conflict => "CONFLICT",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::ResyncRequired => "RESYNC_REQUIRED",
            Self::OAuthUnavailable => "OAUTH_UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// An error as clients see it: a code and a sentence, never a cause.
///
/// It has no `Display`, so that a stray `?` on some other error does not compile instead of telling clients about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: Code,
    message: Cow<'static, str>,
    /// Seconds after which the same may succeed, where that is known.
    retry_after: Option<u64>,
}

impl ApiError {
    /// An error of this code.
    #[must_use]
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    /// The same, with how many seconds it takes until trying again makes sense.
    #[must_use]
    pub(super) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The caller's own mistake.
    pub(super) fn bad_input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::BadUserInput, message)
    }

    /// A cursor that another list gave, or none at all.
    pub(super) fn foreign_cursor() -> Self {
        Self::bad_input(
            "This cursor does not belong to this list: take one from an answer to the same field with the same \
             filter and order.",
        )
    }

    /// There is no caller.
    pub(super) fn unauthenticated() -> Self {
        Self::new(
            Code::Unauthenticated,
            "An API token is needed: send it as `Authorization: Bearer inl_…`.",
        )
    }

    /// The caller's token has ended.
    pub(super) fn expired() -> Self {
        Self::new(Code::Unauthenticated, "The API token has expired.")
    }

    /// A fault of the gateway: the cause goes to the log.
    pub(super) fn internal(cause: &(dyn StdError + 'static)) -> Self {
        tracing::error!(error = cause, "a GraphQL field failed");
        Self::fault()
    }

    /// Something that the gateway needs is away: the cause goes to the log.
    pub(super) fn unavailable(cause: &(dyn StdError + 'static)) -> Self {
        tracing::error!(error = cause, "a GraphQL field could not be answered");
        Self::new(
            Code::Unavailable,
            "This cannot be answered at the moment; try again soon.",
        )
    }

    /// A fault of the gateway that has been logged already, or that has no cause to log.
    pub(super) fn fault() -> Self {
        Self::new(
            Code::Internal,
            "Something went wrong here. It has been logged; try again later.",
        )
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        Self::new(error.message).extend_with(|_, values| {
            values.set("code", error.code.as_str());
            if let Some(seconds) = error.retry_after {
                values.set("retryAfterSeconds", seconds);
            }
        })
    }
}

impl From<MissingScope> for ApiError {
    fn from(missing: MissingScope) -> Self {
        Self::new(
            Code::Forbidden,
            format!("The token lacks the scope {}.", missing.0),
        )
    }
}

impl From<StorageError> for ApiError {
    fn from(cause: StorageError) -> Self {
        if cause.is_unavailable() {
            Self::unavailable(&cause)
        } else {
            Self::internal(&cause)
        }
    }
}

impl From<AuthenticateError> for ApiError {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::Storage(cause) => cause.into(),
            ended => Self::new(Code::Unauthenticated, ended.to_string()),
        }
    }
}

impl From<SearchError> for ApiError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Invalid { field, message } => Self::bad_input(format!(
                "The filter's field `{field}` cannot be used: {message}"
            )),
            SearchError::Storage(cause) => cause.into(),
        }
    }
}

impl From<StatsError> for ApiError {
    fn from(error: StatsError) -> Self {
        match error {
            StatsError::Search(cause) => cause.into(),
            StatsError::Storage(cause) => cause.into(),
            StatsError::UnknownZone | StatsError::TooManyIntervals | StatsError::TooManyRows => {
                Self::bad_input(error.to_string())
            }
        }
    }
}

impl From<WatchError> for ApiError {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::Bus(cause) => Self::unavailable(&cause),
            WatchError::Storage(cause) => cause.into(),
        }
    }
}

impl From<PaymentWatchError> for ApiError {
    fn from(error: PaymentWatchError) -> Self {
        match error {
            PaymentWatchError::Search(cause) => cause.into(),
            PaymentWatchError::ResyncRequired => Self::new(Code::ResyncRequired, error.to_string()),
            PaymentWatchError::Bus(cause) => Self::unavailable(&cause),
            PaymentWatchError::Storage(cause) => cause.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Error, Value};

    use super::*;
    use crate::auth::Scope;

    fn code_of(error: &Error) -> Option<&Value> {
        error
            .extensions
            .as_ref()
            .and_then(|values| values.get("code"))
    }

    #[test]
    fn a_missing_scope_is_named() {
        let error = Error::from(ApiError::from(MissingScope(Scope::PaymentsRead)));

        assert_eq!(error.message, "The token lacks the scope PAYMENTS_READ.");
        assert_eq!(code_of(&error), Some(&Value::from("FORBIDDEN")));
    }

    #[test]
    fn the_cause_of_a_fault_is_not_told() {
        let error = Error::from(ApiError::from(StorageError::BadUrl("postgres://secret")));

        assert!(!error.message.contains("secret") && !error.message.contains("database"));
        assert!(error.source.is_none());
        assert_eq!(code_of(&error), Some(&Value::from("INTERNAL")));
    }
}
