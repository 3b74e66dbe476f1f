//! Stripe's times.

use chrono::{DateTime, Datelike, Utc};

use crate::stripe::Unintelligible;

/// A time in Unix seconds; one outside the years that both databases order alike cannot be understood.
pub(super) fn at(seconds: i64) -> Result<DateTime<Utc>, Unintelligible> {
    DateTime::from_timestamp(seconds, 0)
        .filter(|time| (1970..=9999).contains(&time.year()))
        .ok_or_else(|| Unintelligible {
            reason: "a time is out of range".to_owned(),
        })
}
