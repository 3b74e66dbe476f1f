//! Who calls, from the `Authorization` header or a socket's first message.

use axum::http::{HeaderMap, StatusCode, header::AUTHORIZATION};

use super::problem::Problem;
use crate::{
    auth::{Bearer, Caller, TokenSecret, parse_bearer},
    domain::{
        Gateway,
        token::{AuthenticateError, HostAuthenticateError},
    },
};

const NOT_BEARER: Problem = Problem::unauthenticated(
    "The Authorization header must be Bearer and an API token, which starts with inl_.",
);

const DATABASE_AWAY: Problem =
    Problem::unavailable("The gateway's database cannot be reached; try again.");

/// The caller; none where no token is given, and a problem where a token is given that is not good.
pub(super) async fn caller(
    gateway: &Gateway,
    headers: &HeaderMap,
) -> Result<Option<Caller>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => bearer(gateway, value.as_bytes()).await.map(Some),
        _ => Err(Problem::bad_request("Send one Authorization header.")),
    }
}

/// The caller of an `Authorization` value.
pub(super) async fn bearer(gateway: &Gateway, value: &[u8]) -> Result<Caller, Problem> {
    match parse_bearer(value).map_err(|_| NOT_BEARER)? {
        Bearer::Token(secret) => of_token(gateway, &secret).await,
        Bearer::Jwt(jwt) => of_host(gateway, jwt).await,
    }
}

async fn of_token(gateway: &Gateway, secret: &TokenSecret) -> Result<Caller, Problem> {
    gateway
        .authenticate(secret)
        .await
        .map_err(|error| match error {
            AuthenticateError::Unknown => Problem::unauthenticated("The API token is not valid."),
            AuthenticateError::Revoked => Problem::unauthenticated("The API token was revoked."),
            AuthenticateError::Expired => Problem::unauthenticated("The API token has expired."),
            AuthenticateError::Storage(error) => {
                tracing::error!(%error, "a token cannot be looked up");
                DATABASE_AWAY
            }
        })
}

async fn of_host(gateway: &Gateway, jwt: &str) -> Result<Caller, Problem> {
    let made = gateway.authenticate_host(jwt).await;
    made.map_err(|error| {
        tracing::debug!(%error, "a token of the host application is not taken");
        match error {
            HostAuthenticateError::NotConfigured => NOT_BEARER,
            HostAuthenticateError::Token(error) => Problem::unauthenticated(error.message()),
            HostAuthenticateError::UnknownWorkspace => Problem {
                status: StatusCode::FORBIDDEN,
                code: "FORBIDDEN",
                message: "The token names no workspace that exists here.",
            },
            HostAuthenticateError::IssuerAway => Problem::unavailable(
                "The token cannot be checked: its issuer's keys are not known at the moment; try again.",
            ),
            HostAuthenticateError::Storage(error) => {
                tracing::error!(%error, "a token's workspace cannot be looked up");
                DATABASE_AWAY
            }
        }
    })
}
