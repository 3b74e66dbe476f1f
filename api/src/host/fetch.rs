//! Fetches the keys of the issuer.

use std::time::Duration;

use reqwest::{Client, redirect};
use serde::Deserialize;
use thiserror::Error;
use url::Url;

use crate::auth::{KeySet, NotAKeySet};

/// Where an issuer tells of itself (OpenID Connect Discovery section 4).
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Far above what issuers publish; bounds what a broken answer can cost.
const MAX_ANSWER: usize = 256 * 1024;

/// How long a connection to the issuer may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long one answer of the issuer may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Why there are no keys.
#[derive(Debug, Error)]
pub enum FetchError {
    /// Nobody answers there, or not in time, or not to the end.
    #[error("{0} does not answer")]
    Unreachable(Url),
    /// The answer is not the document: an error, or a redirect, which is not followed.
    #[error("{0} answers with status {1}")]
    Status(Url, u16),
    /// The answer is larger than such a document is.
    #[error("the answer of {0} is too large")]
    TooLarge(Url),
    /// The answer is not the document.
    #[error("what {0} answers is not understood")]
    NotUnderstood(Url),
    /// The document is of another issuer than it was asked for.
    #[error("{0} is the document of another issuer than host.issuer names")]
    OtherIssuer(Url),
    /// The keys would travel in the clear.
    #[error("the issuer's jwks_uri is {0}, which is not https")]
    Insecure(Url),
    /// The document has no key that a token can be checked with.
    #[error("{0} has no key for RS256, PS256, ES256 or EdDSA")]
    NoKeys(Url),
}

/// The HTTP client cannot be made.
#[derive(Debug, Error)]
#[error("the HTTP client for the issuer cannot be made")]
pub struct BuildError(#[from] reqwest::Error);

/// Fetches keys.
pub(super) struct Fetch {
    http: Client,
    issuer: String,
    keys: Place,
}

/// Where the keys are.
enum Place {
    Known(Url),
    /// The document that tells, and whether the issuer is on this machine.
    Told {
        by: Url,
        local: bool,
    },
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: Url,
}

impl Fetch {
    /// Makes the client; no connection is made yet. A rustls crypto provider has to be installed before.
    ///
    /// `issuer` must be a URL. A `local` one may be reached over http.
    pub(super) fn new(
        issuer: &Url,
        exactly: &str,
        keys: Option<Url>,
        local: bool,
    ) -> Result<Self, BuildError> {
        let mut builder = Client::builder()
            .user_agent(concat!("inlet/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            // What another host answers is not the issuer's word.
            .redirect(redirect::Policy::none());
        if local {
            builder = builder.no_proxy();
        }
        let keys = match keys {
            Some(url) => Place::Known(url),
            None => Place::Told {
                by: discovery(issuer),
                local,
            },
        };
        Ok(Self {
            http: builder.build()?,
            issuer: exactly.to_owned(),
            keys,
        })
    }

    /// The keys as they are published now.
    pub(super) async fn keys(&self) -> Result<KeySet, FetchError> {
        let url = match &self.keys {
            Place::Known(url) => url.clone(),
            Place::Told { by, local } => self.told(by, *local).await?,
        };
        let document = self.get(&url).await?;
        match KeySet::read(&document) {
            Ok(keys) if keys.is_empty() => Err(FetchError::NoKeys(url)),
            Ok(keys) => Ok(keys),
            Err(NotAKeySet) => Err(FetchError::NotUnderstood(url)),
        }
    }

    async fn told(&self, by: &Url, local: bool) -> Result<Url, FetchError> {
        let document = self.get(by).await?;
        let told: Discovery =
            serde_json::from_slice(&document).map_err(|_| FetchError::NotUnderstood(by.clone()))?;
        if told.issuer != self.issuer {
            return Err(FetchError::OtherIssuer(by.clone()));
        }
        let own = local && told.jwks_uri.scheme() == "http" && told.jwks_uri.host() == by.host();
        if told.jwks_uri.scheme() == "https" || own {
            Ok(told.jwks_uri)
        } else {
            Err(FetchError::Insecure(told.jwks_uri))
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the issuer is asked here and nowhere else"
    )]
    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        let unreachable = |error: reqwest::Error| {
            tracing::debug!(error = %error.without_url(), "no answer from the issuer");
            FetchError::Unreachable(url.clone())
        };
        let request = self.http.get(url.clone());
        let request = request.header("accept", "application/json");
        let mut response = request.send().await.map_err(unreachable)?;
        if !response.status().is_success() {
            let status = response.status().as_u16();
            return Err(FetchError::Status(url.clone(), status));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(FetchError::TooLarge(url.clone()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// The issuer's path, without a slash at its end, and then the well-known one.
fn discovery(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!(
        "{}{DISCOVERY}",
        issuer.path().trim_end_matches('/')
    ));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_is_below_the_issuers_path() {
        for (issuer, document) in [
            (
                "https://a.example",
                "https://a.example/.well-known/openid-configuration",
            ),
            (
                "https://a.example/",
                "https://a.example/.well-known/openid-configuration",
            ),
            (
                "https://a.example/realms/b",
                "https://a.example/realms/b/.well-known/openid-configuration",
            ),
        ] {
            let issuer = Url::parse(issuer).unwrap();
            assert_eq!(discovery(&issuer).as_str(), document);
        }
    }
}
