//! Who calls, from the `Authorization` header or a socket's first message.

use axum::http::{HeaderMap, header::AUTHORIZATION};

use super::problem::Problem;
use crate::{
    auth::{Caller, parse_bearer},
    domain::{Gateway, token::AuthenticateError},
};

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
    let secret = parse_bearer(value).map_err(|_| {
        Problem::unauthenticated(
            "The Authorization header must be Bearer and an API token, which starts with inl_.",
        )
    })?;
    gateway
        .authenticate(&secret)
        .await
        .map_err(|error| match error {
            AuthenticateError::Unknown => Problem::unauthenticated("The API token is not valid."),
            AuthenticateError::Revoked => Problem::unauthenticated("The API token was revoked."),
            AuthenticateError::Expired => Problem::unauthenticated("The API token has expired."),
            AuthenticateError::Storage(error) => {
                tracing::error!(%error, "a token cannot be looked up");
                Problem::unavailable("The gateway's database cannot be reached; try again.")
            }
        })
}
