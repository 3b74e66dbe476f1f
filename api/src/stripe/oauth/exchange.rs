//! From a code, or a token to renew with, to access.

use std::{fmt, time::Duration};

use oauth2::{
    AuthorizationCode, Client, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    ExtraTokenFields, RefreshToken, RequestTokenError, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    bridge::Bridge,
    platform::{OAuthKind, Platform},
};
use crate::stripe::{StripeClient, StripeError, StripeErrorKind, redact::machine_word};

/// A code works once and nobody may ask again, so the answer is worth waiting for.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a merchant granted.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Whose account it is: `acct_…`.
    pub account: String,
    /// The mode that the grant really has.
    pub livemode: bool,
    /// The tokens of a Stripe App; those of Connect are deprecated and not kept.
    pub tokens: Option<AppTokens>,
}

/// An access token of an hour, and what it is renewed with.
#[derive(Debug, Clone)]
pub struct AppTokens {
    /// For calls.
    pub access: SecretString,
    /// Works once: whoever renews gets a new pair.
    pub refresh: SecretString,
}

/// Why there is no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// Stripe said no; the word is OAuth's.
    #[error("Stripe refused: {0}")]
    Refused(String),
    /// There is no usable answer: nobody knows whether the code or token was spent.
    #[error("no clear answer: {0}")]
    Unknown(StripeError),
}

impl GrantError {
    /// Whether what was sent is spent, expired or revoked: it will never work again.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        matches!(self, Self::Refused(code) if code == "invalid_grant")
    }
}

/// What Stripe adds to OAuth's answer.
#[derive(Clone, Serialize, Deserialize)]
struct StripeFields {
    stripe_user_id: Option<String>,
    livemode: Option<bool>,
}

impl ExtraTokenFields for StripeFields {}

impl fmt::Debug for StripeFields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StripeFields")
    }
}

type Tokens = StandardTokenResponse<StripeFields, BasicTokenType>;

type OAuthClient = Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl StripeClient {
    /// Exchanges a code, sending it exactly once: a second use would revoke a Connect account's connection.
    pub async fn exchange_code(
        &self,
        platform: &Platform,
        code: &SecretString,
    ) -> Result<Grant, GrantError> {
        let client = client(platform);
        let code = AuthorizationCode::new(code.expose_secret().to_owned());
        let bridge = self.bridge();
        let answer = client.exchange_code(code).request_async(&bridge).await;
        grant(platform, &answer.map_err(failed)?)
    }

    /// Renews an app's access, sending once; the tokens that it was renewed with are spent.
    pub async fn renew(
        &self,
        platform: &Platform,
        refresh: &SecretString,
    ) -> Result<Grant, GrantError> {
        let client = client(platform);
        let token = RefreshToken::new(refresh.expose_secret().to_owned());
        let bridge = self.bridge();
        let request = client.exchange_refresh_token(&token);
        let answer = request.request_async(&bridge).await;
        grant(platform, &answer.map_err(failed)?)
    }

    fn bridge(&self) -> Bridge<'_> {
        Bridge {
            transport: self.transport(),
            patience: self.patience(PATIENCE),
        }
    }
}

/// The platform's secret key is the user of Basic authentication, and there is no password.
fn client(platform: &Platform) -> OAuthClient {
    Client::new(ClientId::new(platform.key.expose().to_owned()))
        .set_client_secret(ClientSecret::new(String::new()))
        .set_token_uri(TokenUrl::from_url(platform.urls.token.clone()))
}

fn grant(platform: &Platform, answer: &Tokens) -> Result<Grant, GrantError> {
    let fields = answer.extra_fields();
    let (Some(account), Some(livemode)) = (&fields.stripe_user_id, fields.livemode) else {
        return Err(not_understood());
    };
    let secret = |text: &str| SecretString::from(text);
    let tokens = match (platform.kind, answer.refresh_token()) {
        (OAuthKind::Connect, _) => None,
        (OAuthKind::App, Some(refresh)) => Some(AppTokens {
            access: secret(answer.access_token().secret()),
            refresh: secret(refresh.secret()),
        }),
        (OAuthKind::App, None) => return Err(not_understood()),
    };
    Ok(Grant {
        account: account.clone(),
        livemode,
        tokens,
    })
}

fn failed(error: RequestTokenError<StripeError, BasicErrorResponse>) -> GrantError {
    match error {
        RequestTokenError::ServerResponse(refusal) => {
            let word = machine_word(refusal.error().as_ref());
            GrantError::Refused(word.unwrap_or_else(|| "unknown".to_owned()))
        }
        RequestTokenError::Request(error) => match error.kind {
            StripeErrorKind::Unavailable(_) | StripeErrorKind::RateLimited { .. } => {
                GrantError::Unknown(error)
            }
            _ => GrantError::Refused("invalid_client".to_owned()),
        },
        // Their texts may hold the answer, and a token with it.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => not_understood(),
    }
}

fn not_understood() -> GrantError {
    GrantError::Unknown(StripeError::unavailable(
        crate::stripe::Outage::NotUnderstood,
    ))
}
