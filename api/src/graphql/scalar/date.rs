use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graphql) struct Date(pub(in crate::graphql) NaiveDate);

/// A day of the calendar, as RFC 3339 writes it: YYYY-MM-DD, e.g. "2026-11-23".
#[Scalar(
    name = "Date",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = match &value {
            Value::String(text) if text.len() == 10 => {
                NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
            }
            _ => None,
        };
        read.map(Self)
            .ok_or_else(|| InputValueError::custom("a day is needed, e.g. \"2026-11-23\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%Y-%m-%d").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_back() {
        let day = Date::parse(Value::from("2024-02-29")).unwrap();

        assert_eq!(day.to_value(), Value::from("2024-02-29"));
        for wrong in [
            "",
            "2023-02-29",
            "2024-2-29",
            "24-02-29",
            "2024-02-29T00:00:00Z",
        ] {
            assert!(Date::parse(Value::from(wrong)).is_err(), "{wrong}");
        }
    }
}
