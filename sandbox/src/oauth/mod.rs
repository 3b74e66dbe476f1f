//! Platforms, and the two kinds of OAuth by which merchants let them in.

mod access;
mod calls;
mod grant;
mod platform;
mod registry;

pub(crate) use access::{add_platform, admit, revoke};
pub use calls::OAuthCalls;
pub(crate) use grant::{Exchange, GrantError, Redeemed};
pub(crate) use platform::Platform;
pub use platform::{AutoAnswer, PlatformHandle, PlatformKind, PlatformSpec};
pub(crate) use registry::OAuth;
