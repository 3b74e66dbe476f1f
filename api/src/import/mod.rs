//! The import engine: claims windows, paces requests, writes pages, tells about progress.
//!
//! What an import consists of and what to do when Stripe refuses is decided in `domain::import`; this executes it.
//! Everything that must survive is in the database: a process may die at any moment, and whoever claims its windows
//! goes on behind the last page that was written.

mod engine;
mod events;
mod failed_page;
mod held;
mod publisher;
mod purge;
mod referenced;
mod report_read;
mod report_run;
mod snapshot;
mod table_sizes;
mod whole_list;
mod window_run;
mod windowed;

pub use engine::{Engine, Settings};
