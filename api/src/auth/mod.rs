//! Who calls: API tokens, their scopes, and the caller that a token makes.

mod bearer;
mod caller;
mod scope;
mod scope_set;
mod token_secret;

pub use bearer::{BearerError, parse_bearer};
pub use caller::{Caller, MissingScope};
pub use scope::{Scope, UnknownScope};
pub use scope_set::ScopeSet;
pub use token_secret::{TokenFormatError, TokenSecret};
