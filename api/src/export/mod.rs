//! Writes exports: claims what was asked for, writes its file part by part, and clears away what is over.
//!
//! What is written is decided in `domain::export`; this executes it, one process at a time for each export. Everything
//! that must survive is in the database.

mod engine;
mod writing;

pub use engine::{Engine, Settings};
