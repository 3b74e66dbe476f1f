//! The host application that Inlet runs beside: who its users are, as its issuer of tokens tells.
//!
//! The issuer's keys are fetched over OpenID Connect Discovery, or from where the operator says, and kept: no request waits
//! for the issuer, unless it is signed with a key that was not seen before.

mod fetch;
mod issuer;
mod standing;

pub use fetch::{BuildError, FetchError};
pub use issuer::{Host, HostError, HostOptions};
