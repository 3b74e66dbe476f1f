//! The version of Stripe's API that this code is written against.

/// Sent with every request, since each merchant's default differs (Stripe contract section 1.2).
pub const API_VERSION: &str = "2026-07-29.dahlia";
