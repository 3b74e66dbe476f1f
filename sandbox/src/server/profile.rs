//! The account and its balance.

use axum::extract::RawQuery;
use axum::response::Response;

use super::caller::Caller;
use super::error::StripeError;
use super::parameters::Parameters;
use super::render::json;
use crate::permission::Permission;

/// `GET /v1/account`.
pub(super) async fn account(
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, StripeError> {
    caller.require(Permission::AccountRead)?;
    if !caller.account.readable {
        return Err(caller.refusal(Permission::AccountRead));
    }
    Parameters::of_query(query.as_deref()).allow(&[&["expand"]])?;
    Ok(json(caller.account.profile().to_string().into()))
}

/// `GET /v1/balance`.
pub(super) async fn balance(
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, StripeError> {
    caller.require(Permission::BalanceRead)?;
    Parameters::of_query(query.as_deref()).allow(&[&["expand"]])?;
    Ok(json(caller.account.balance().to_string().into()))
}
