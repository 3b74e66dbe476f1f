use std::fmt::{Display, Formatter, Result};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// An integer of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graphql) struct BigInt(pub(in crate::graphql) i64);

impl BigInt {
    /// A count; more than fits is told as the most that fits.
    pub(in crate::graphql) fn count(count: u64) -> Self {
        Self(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl Display for BigInt {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        self.0.fmt(formatter)
    }
}

/// A whole number of 64 bits, written as a string because JSON readers lose digits of large numbers, e.g. "109950".
#[Scalar(name = "BigInt")]
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = match &value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        read.map(Self)
            .ok_or_else(|| InputValueError::custom("a whole number of 64 bits is needed"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_is_lost() {
        for number in [i64::MIN, -1, 0, 1 << 53, (1 << 53) + 1, i64::MAX] {
            let written = BigInt(number).to_value();
            assert_eq!(written, Value::String(number.to_string()));
            assert_eq!(BigInt::parse(written).unwrap(), BigInt(number));
            assert_eq!(BigInt::parse(Value::from(number)).unwrap(), BigInt(number));
        }
        assert_eq!(BigInt::count(u64::MAX), BigInt(i64::MAX));
        for wrong in ["", "1.0", "9223372036854775808", " 1", "1e3", "٣"] {
            assert!(BigInt::parse(Value::from(wrong)).is_err(), "{wrong}");
        }
    }
}
