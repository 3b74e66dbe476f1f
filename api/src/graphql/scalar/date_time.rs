use std::fmt::{Display, Formatter, Result};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, SecondsFormat, Utc};

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graphql) struct DateTime(pub(in crate::graphql) chrono::DateTime<Utc>);

impl Display for DateTime {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let text = self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        formatter.write_str(&text)
    }
}

/// A moment in UTC, as RFC 3339 writes it, e.g. "2026-11-23T09:30:00Z". Other offsets are understood where one is given.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = match &value {
            Value::String(text) => read(text),
            _ => None,
        };
        read.map(Self).ok_or_else(|| {
            InputValueError::custom(
                "a moment with its offset is needed, e.g. \"2026-11-23T09:30:00Z\"",
            )
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// The moment in microseconds, which both databases keep, within the years that RFC 3339 can write.
fn read(text: &str) -> Option<chrono::DateTime<Utc>> {
    let given = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    chrono::DateTime::from_timestamp_micros(given.timestamp_micros())
        .filter(|moment| (1..=9999).contains(&moment.year()))
}

impl From<chrono::DateTime<Utc>> for DateTime {
    fn from(moment: chrono::DateTime<Utc>) -> Self {
        Self(moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_utc() {
        for (given, told) in [
            ("2026-11-23T09:30:00Z", "2026-11-23T09:30:00Z"),
            ("2026-11-23T09:30:00.000Z", "2026-11-23T09:30:00Z"),
            ("2026-11-23t11:30:00+02:00", "2026-11-23T09:30:00Z"),
            (
                "2026-11-23T09:30:00.123456789-00:00",
                "2026-11-23T09:30:00.123456Z",
            ),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"),
        ] {
            let moment = DateTime::parse(Value::from(given)).unwrap();
            assert_eq!(moment.to_value(), Value::from(told));
            assert_eq!(DateTime::parse(moment.to_value()).unwrap(), moment);
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for wrong in [
            "",
            "2026-11-23",
            "2026-11-23T09:30:00",
            "2026-13-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "+10000-01-01T00:00:00Z",
            "now",
        ] {
            assert!(DateTime::parse(Value::from(wrong)).is_err(), "{wrong}");
        }
        assert!(DateTime::parse(Value::from(1_700_000_000)).is_err());
    }
}
