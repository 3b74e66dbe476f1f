use std::fmt::{Display, Formatter, Result};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// An exact decimal, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::graphql) struct Decimal(pub(in crate::graphql) String);

/// Longer than any amount; it keeps huge texts away from arithmetic.
const MAX_CHARS: usize = 40;

impl Display for Decimal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        formatter.write_str(&self.0)
    }
}

/// An exact decimal number, written as a string because JSON readers round numbers, e.g. "1099.50".
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) if is_decimal(&text) => Ok(Self(text)),
            // A whole number loses nothing; a fraction may have been rounded on its way here.
            Value::Number(number) if number.is_i64() || number.is_u64() => {
                Ok(Self(number.to_string()))
            }
            _ => Err(InputValueError::custom(
                "a decimal number as a string is needed, e.g. \"1099.50\"",
            )),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    text.len() <= MAX_CHARS && digits(whole) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_kept_as_they_are_written() {
        for text in [
            "0",
            "-1",
            "1099.50",
            "0.001",
            "007",
            "123456789012345678901234567890.12",
        ] {
            let decimal = Decimal::parse(Value::from(text)).unwrap();
            assert_eq!(decimal.to_value(), Value::from(text));
        }
        assert_eq!(Decimal::parse(Value::from(12)).unwrap().0, "12");
    }

    #[test]
    fn what_is_no_exact_decimal_is_refused() {
        for wrong in [
            "", "-", ".5", "5.", "1,5", "1e3", "+1", " 1", "NaN", "1.2.3", "--1", "1\0",
        ] {
            assert!(Decimal::parse(Value::from(wrong)).is_err(), "{wrong}");
        }
        assert!(Decimal::parse(Value::from("1".repeat(41))).is_err());
        assert!(Decimal::parse(Value::from(10.5)).is_err());
    }
}
