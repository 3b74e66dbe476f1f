use std::fmt::{Display, Formatter, Result, Write};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// A currency, as it is written here: in lower case, as Stripe does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::graphql) struct CurrencyCode(pub(in crate::graphql) String);

/// A country, in upper case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::graphql) struct CountryCode(pub(in crate::graphql) String);

impl Display for CurrencyCode {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        upper(&self.0, formatter)
    }
}

/// A currency by its ISO 4217 code: three letters, upper case in answers, in any case where it is given, e.g. "EUR".
#[Scalar(
    name = "CurrencyCode",
    specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html"
)]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match letters(&value, 3) {
            Some(code) => Ok(Self(code.to_ascii_lowercase())),
            None => Err(InputValueError::custom(
                "a currency has three letters, e.g. \"EUR\"",
            )),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

impl Display for CountryCode {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        upper(&self.0, formatter)
    }
}

/// A country by its ISO 3166-1 alpha-2 code: two letters, upper case in answers, in any case where it is given, e.g. "DE".
#[Scalar(
    name = "CountryCode",
    specified_by_url = "https://www.iso.org/iso-3166-country-codes.html"
)]
impl ScalarType for CountryCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match letters(&value, 2) {
            Some(code) => Ok(Self(code.to_ascii_uppercase())),
            None => Err(InputValueError::custom(
                "a country has two letters, e.g. \"DE\"",
            )),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

fn upper(code: &str, formatter: &mut Formatter<'_>) -> Result {
    let mut letters = code.chars();
    letters.try_for_each(|letter| formatter.write_char(letter.to_ascii_uppercase()))
}

fn letters(value: &Value, count: usize) -> Option<&str> {
    match value {
        Value::String(text)
            if text.len() == count && text.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
        {
            Some(text)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_in_any_case_and_leave_in_upper_case() {
        for text in ["EUR", "eur", "Eur"] {
            let code = CurrencyCode::parse(Value::from(text)).unwrap();
            assert_eq!(
                (code.0.as_str(), code.to_value()),
                ("eur", Value::from("EUR"))
            );
        }
        for text in ["DE", "de"] {
            let code = CountryCode::parse(Value::from(text)).unwrap();
            assert_eq!(
                (code.0.as_str(), code.to_value()),
                ("DE", Value::from("DE"))
            );
        }
    }

    #[test]
    fn other_texts_are_no_codes() {
        for text in ["", "EU", "EURO", "E1R", "€UR", "eu\0", "ſur"] {
            assert!(CurrencyCode::parse(Value::from(text)).is_err(), "{text}");
            assert!(
                text == "EU" || CountryCode::parse(Value::from(text)).is_err(),
                "{text}"
            );
        }
        assert!(CurrencyCode::parse(Value::from(978)).is_err());
    }
}
