//! The scalars of the contract. What they print they read back; what they read is exact or refused.

mod big_int;
mod code;
mod date;
mod date_time;
mod decimal;
mod json;
mod url;

pub(super) use big_int::BigInt;
pub(super) use code::{CountryCode, CurrencyCode};
pub(super) use date::Date;
pub(super) use date_time::DateTime;
pub(super) use decimal::Decimal;
pub(super) use json::Json;
pub(super) use url::Url;
