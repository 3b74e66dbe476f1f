//! Who calls: API tokens, tokens of a host application, their scopes, and the caller that a token makes.

mod bearer;
mod caller;
mod host;
mod scope;
mod scope_set;
mod token_secret;

pub use bearer::{Bearer, BearerError, parse_bearer};
pub use caller::{Actor, Caller, MissingScope};
pub use host::{HostRules, HostToken, HostTokenError, HostUser, KeySet, NotAKeySet};
pub use scope::{Scope, UnknownScope};
pub use scope_set::ScopeSet;
pub use token_secret::{TokenFormatError, TokenSecret};
