//! Financial reports: the types that there are, the runs that were asked for, and their files.

mod conduct;
mod file;
mod run;
mod types;

pub use conduct::ReportConduct;
pub(crate) use file::file;
pub(crate) use run::{ReportRun, Reports};
pub(crate) use types::{ReportType, types};
