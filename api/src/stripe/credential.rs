//! What a request is authorised by.

use std::{fmt, sync::Arc};

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};

use super::{
    key::ApiKey,
    pace::{Pace, Paced, Urgency},
};

/// The right to act on one Stripe account; given to every call, opened by none of the callers.
///
/// One of a connection brings the connection's pace with it, so that nobody can forget it.
#[derive(Clone)]
pub struct Credential {
    right: Right,
    paced: Option<Paced>,
}

#[derive(Clone)]
enum Right {
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
    /// A platform's key, to act on an account (`acct_…`) that is connected to the platform.
    #[must_use]
    pub fn of_platform(key: ApiKey, account: String) -> Self {
        Right::Platform { key, account }.into()
    }

    /// An app's access to the account that installed it, good for an hour.
    #[must_use]
    pub fn of_app(token: SecretString, livemode: bool) -> Self {
        Right::AppToken { token, livemode }.into()
    }

    /// The same, in this pace; somebody waits for the answers.
    #[must_use]
    pub fn paced(self, pace: Arc<dyn Pace>) -> Self {
        let urgency = Urgency::AtOnce;
        Self {
            paced: Some(Paced { pace, urgency }),
            ..self
        }
    }

    /// The same, for requests that wait for their turns like this.
    #[must_use]
    pub fn waiting(mut self, urgency: Urgency) -> Self {
        if let Some(paced) = &mut self.paced {
            paced.urgency = urgency;
        }
        self
    }

    /// Whether the credential sees live data.
    #[must_use]
    pub fn livemode(&self) -> bool {
        match &self.right {
            Right::Key(key) | Right::Platform { key, .. } => key.livemode(),
            Right::AppToken { livemode, .. } => *livemode,
        }
    }

    /// Whether it came by OAuth: then the platform's webhook serves the account.
    #[must_use]
    pub fn is_oauth(&self) -> bool {
        !matches!(self.right, Right::Key(_))
    }

    /// What its requests keep to.
    pub(super) fn pace(&self) -> Option<&Paced> {
        self.paced.as_ref()
    }

    /// Adds the headers; reqwest marks them as sensitive, so that they are not printed.
    pub(super) fn authorize(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.right {
            Right::Key(key) => request.bearer_auth(key.expose()),
            Right::Platform { key, account } => request
                .bearer_auth(key.expose())
                .header("Stripe-Account", account),
            Right::AppToken { token, .. } => request.bearer_auth(token.expose_secret()),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.right {
            Right::Key(_) => "Key",
            Right::Platform { .. } => "Platform",
            Right::AppToken { .. } => "AppToken",
        };
        formatter
            .debug_struct(kind)
            .field("livemode", &self.livemode())
            .finish_non_exhaustive()
    }
}

impl From<ApiKey> for Credential {
    fn from(key: ApiKey) -> Self {
        Right::Key(key).into()
    }
}

impl From<Right> for Credential {
    fn from(right: Right) -> Self {
        Self { right, paced: None }
    }
}
