//! The whole schema, executed over a database.

mod access;
mod errors;
mod kept_documents;
mod lists;
mod nodes;
mod panics;
mod rows;
mod watch;
mod watch_changes;
mod watch_together;
mod world;
