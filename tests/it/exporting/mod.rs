//! Exports: what is in the files, who gets them, and what becomes of them.

mod support;

mod content;
mod downloading;
mod ending;
mod limits;
mod links;
mod sigkill;
mod watching;
mod writing;
