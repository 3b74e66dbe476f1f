//! The wall clock: a Stripe elsewhere has its own time, so nobody can move it.

use chrono::{DateTime, Utc};

#[expect(clippy::disallowed_methods, reason = "this is the sandbox's clock")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}
