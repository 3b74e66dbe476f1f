//! What a request is authorised by.

use reqwest::RequestBuilder;

use super::key::ApiKey;

/// The right to act on one Stripe account; given to every call, opened by none of the callers.
///
/// Further kinds (a platform's key with the account's id, an app's token) differ only in what
/// [`Credential::authorize`] adds to a request.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A key that the account's owner made for us.
    Key(ApiKey),
}

impl Credential {
    /// Whether the credential sees live data.
    #[must_use]
    pub fn livemode(&self) -> bool {
        match self {
            Self::Key(key) => key.livemode(),
        }
    }

    /// Adds the headers; reqwest marks them as sensitive, so that they are not printed.
    pub(super) fn authorize(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Key(key) => request.bearer_auth(key.expose()),
        }
    }
}

impl From<ApiKey> for Credential {
    fn from(key: ApiKey) -> Self {
        Self::Key(key)
    }
}
