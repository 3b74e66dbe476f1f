//! Imports: which resources, which windows, how far, and what to do when Stripe refuses. The engine that runs them
//! is `crate::import`.

mod cancel;
mod catch_up;
mod estimate;
mod failure;
mod nested;
mod oldest;
mod progress;
mod publish;
mod read_events;
mod recheck;
mod records;
mod references;
pub mod report;
mod resource;
mod resume;
mod shape;
mod shown;
mod split;
#[cfg(test)]
mod split_tests;
mod standing;
mod start;
mod watch;
mod windows;

pub use cancel::CancelImportError;
pub(super) use failure::revoked;
pub use failure::{Remedy, refused_list};
pub use nested::Lists;
pub(super) use nested::is_cut_off;
pub use oldest::oldest;
pub use progress::{ImportProgress, ResourceProgress};
pub(in crate::domain) use read_events::ReadEvents;
pub use recheck::Rechecked;
pub use records::PageOrigin;
pub use resource::Resource;
pub use shape::Shape;
pub use split::{cuts, enough};
pub use standing::ImportStanding;
pub use start::{StartImport, StartImportError};
pub use windows::{asked_end, beginning};
