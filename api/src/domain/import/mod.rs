//! Imports: which resources, which windows, how far, and what to do when Stripe refuses. The engine that runs them
//! is `crate::import`.

mod cancel;
mod catch_up;
mod failure;
mod progress;
mod publish;
mod recheck;
mod records;
mod resource;
mod standing;
mod start;
mod watch;
mod windows;

pub use cancel::CancelImportError;
pub use failure::Remedy;
pub(super) use failure::revoked;
pub use progress::{ImportProgress, ResourceProgress};
pub use recheck::Rechecked;
pub use records::PageOrigin;
pub use resource::Resource;
pub use standing::ImportStanding;
pub use start::{StartImport, StartImportError};
pub use windows::{FIRST_SECOND, asked_end, divide};
