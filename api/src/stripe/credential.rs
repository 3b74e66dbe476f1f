//! What a request is authorised by.

use std::fmt;

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};

use super::key::ApiKey;

/// The right to act on one Stripe account; given to every call, opened by none of the callers.
#[derive(Clone)]
pub enum Credential {
    /// A key that the account's owner made for us, or a platform's own key for its own account.
    Key(ApiKey),
    /// A platform's key, to act on an account that is connected to the platform.
    Platform {
        /// The platform's.
        key: ApiKey,
        /// `acct_…`, of the merchant.
        account: String,
    },
    /// An app's access to the account that installed it.
    AppToken {
        /// Good for an hour.
        token: SecretString,
        /// Whether it sees live data.
        livemode: bool,
    },
}

impl Credential {
    /// Whether the credential sees live data.
    #[must_use]
    pub fn livemode(&self) -> bool {
        match self {
            Self::Key(key) | Self::Platform { key, .. } => key.livemode(),
            Self::AppToken { livemode, .. } => *livemode,
        }
    }

    /// Whether it came by OAuth: then the platform's webhook serves the account.
    #[must_use]
    pub fn is_oauth(&self) -> bool {
        !matches!(self, Self::Key(_))
    }

    /// Adds the headers; reqwest marks them as sensitive, so that they are not printed.
    pub(super) fn authorize(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Key(key) => request.bearer_auth(key.expose()),
            Self::Platform { key, account } => request
                .bearer_auth(key.expose())
                .header("Stripe-Account", account),
            Self::AppToken { token, .. } => request.bearer_auth(token.expose_secret()),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Key(_) => "Key",
            Self::Platform { .. } => "Platform",
            Self::AppToken { .. } => "AppToken",
        };
        formatter
            .debug_struct(kind)
            .field("livemode", &self.livemode())
            .finish_non_exhaustive()
    }
}

impl From<ApiKey> for Credential {
    fn from(key: ApiKey) -> Self {
        Self::Key(key)
    }
}
