//! What a restricted key must grant, and how it is found out.

mod check;
mod grant;
mod guide;

pub use check::{CheckError, KeyReport};
pub use grant::{Grant, grants_of};
pub use guide::{Access, GUIDE, Permission, webhook_rows};

pub(super) use check::names;
pub(super) use grant::{allows, missing, to_stored};
