//! A merchant's account: who it is and everything it holds.

mod books;
mod entry;
mod idempotency;
mod profile;
mod shelf;
mod spec;
mod webhook;

pub(crate) use books::Books;
pub(crate) use entry::Entry;
pub(crate) use idempotency::{Attempt, Idempotency};
pub(crate) use profile::Account;
pub(crate) use shelf::{Cursor, Page, Selection, Shelf, UnknownCursor};
pub use spec::AccountSpec;
pub(crate) use webhook::{NoRoom, WebhookEndpoint, WebhookEndpoints};
