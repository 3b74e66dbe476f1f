//! What a panic says, for the log.

use std::any::Any;

/// The text that a panic was raised with; a question mark where it was raised with something else.
#[must_use]
pub(crate) fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("?")
}
