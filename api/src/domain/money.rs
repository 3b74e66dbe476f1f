//! Amounts of money, exact, with Stripe's own exponents (Stripe contract section 7.4).

/// An amount in a currency's smallest unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Stripe's integer.
    pub minor: i64,
    /// ISO 4217, lower case.
    pub currency: String,
}

impl Money {
    /// The amount in major units, with all its decimals: 109950 usd is `1099.50`, 500 jpy is `500`.
    #[must_use]
    pub fn decimal(&self) -> String {
        decimal(self.minor, &self.currency)
    }

    /// The amount in thousandths of the major unit: comparable across currencies.
    #[must_use]
    pub fn thousandths(&self) -> i64 {
        self.minor
            .saturating_mul(10_i64.pow(3 - decimals(&self.currency)))
    }
}

/// So many of the smallest unit of a currency in major units, with all decimals: 109950 usd is `1099.50`, 500 jpy is `500`.
#[must_use]
pub fn decimal(minor: i64, currency: &str) -> String {
    let digits = decimals(currency);
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    let unit = 10_u64.pow(digits);
    if digits == 0 {
        return format!("{sign}{minor}");
    }
    let width = usize::try_from(digits).unwrap_or_default();
    format!("{sign}{}.{:0width$}", minor / unit, minor % unit)
}

/// How many decimals Stripe's integers have in a currency. Not ISO's: `mga` has none and `isk` and `ugx` have two.
fn decimals(currency: &str) -> u32 {
    match currency {
        "bif" | "clp" | "djf" | "gnf" | "jpy" | "kmf" | "krw" | "mga" | "pyg" | "rwf" | "vnd"
        | "vuv" | "xaf" | "xof" | "xpf" => 0,
        "bhd" | "jod" | "kwd" | "omr" | "tnd" => 3,
        _ => 2,
    }
}

/// An exact decimal in major units as Stripe's integer: `10.5` is 1050 in usd, `500.00` is 500 in jpy.
///
/// None where the text is not a decimal number, has more decimals than the currency, or does not fit.
#[must_use]
pub fn parse_minor(text: &str, currency: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || text.len() > 64 {
        return None;
    }
    let places = usize::try_from(decimals(currency)).ok()?;
    if fraction.bytes().skip(places).any(|b| b != b'0') {
        return None;
    }
    let kept = fraction.chars().chain("000".chars()).take(places);
    // The sign goes with the digits: the smallest integer has no positive twin.
    let minor: String = sign.chars().chain(whole.chars()).chain(kept).collect();
    minor.parse().ok()
}

/// An exact decimal in thousandths, rounded towards the inside of a range: `up` for its lower end.
///
/// None where the text is not a decimal number or does not fit.
#[must_use]
pub fn parse_thousandths(text: &str, up: bool) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || text.len() > 64 {
        return None;
    }
    let kept: String = fraction.chars().chain("000".chars()).take(3).collect();
    let rest_is_zero = fraction.bytes().skip(3).all(|b| b == b'0');
    let whole = whole.parse::<i64>().ok()?.checked_mul(1000)?;
    let magnitude = whole.checked_add(kept.parse::<i64>().ok()?)?;
    // What was cut off moves a positive lower end up and a negative upper end down.
    let outward = !rest_is_zero && negative != up;
    let magnitude = magnitude.checked_add(i64::from(outward))?;
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor: i64, currency: &str) -> Money {
        Money {
            minor,
            currency: currency.to_owned(),
        }
    }

    #[test]
    fn every_kind_of_currency_has_its_decimals() {
        assert_eq!(money(109_950, "usd").decimal(), "1099.50");
        assert_eq!(money(500, "jpy").decimal(), "500");
        assert_eq!(money(1234, "kwd").decimal(), "1.234");
        assert_eq!(money(500, "isk").decimal(), "5.00");
        assert_eq!(money(-5, "eur").decimal(), "-0.05");
        assert_eq!(money(i64::MIN, "usd").decimal(), "-92233720368547758.08");
        assert_eq!(money(i64::MAX, "jpy").thousandths(), i64::MAX);
        assert_eq!(
            money(5, "jpy").thousandths(),
            money(500, "usd").thousandths()
        );
    }

    #[test]
    fn ends_of_a_range_are_rounded_inwards() {
        assert_eq!(parse_thousandths("10", true), Some(10_000));
        assert_eq!(parse_thousandths("10.5", true), Some(10_500));
        assert_eq!(parse_thousandths("0.0001", true), Some(1));
        assert_eq!(parse_thousandths("0.0001", false), Some(0));
        assert_eq!(parse_thousandths("-0.0001", true), Some(0));
        assert_eq!(parse_thousandths("-0.0001", false), Some(-1));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            "-",
            ".5",
            "1.",
            "1e3",
            "+1",
            "1,5",
            "٣",
            "99999999999999999999",
            "NaN",
        ] {
            assert_eq!(parse_thousandths(text, true), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_of_a_currency_is_refused() {
        assert_eq!(parse_minor("0.59", "usd"), Some(59));
        assert_eq!(parse_minor("500.00", "jpy"), Some(500));
        assert_eq!(parse_minor("5", "isk"), Some(500));
        for (text, currency) in [
            ("1.005", "usd"),
            ("0.5", "jpy"),
            ("1.0005", "kwd"),
            ("", "usd"),
            ("-", "usd"),
            ("1e3", "usd"),
            ("1,000.00", "usd"),
            ("92233720368547758.08", "usd"),
        ] {
            assert_eq!(parse_minor(text, currency), None, "{text} {currency}");
        }
    }

    proptest! {
        #[test]
        fn a_printed_amount_is_the_same_integer(minor: i64, c in "usd|jpy|kwd|isk") {
            prop_assert_eq!(parse_minor(&money(minor, &c).decimal(), &c), Some(minor));
        }

        #[test]
        fn a_printed_amount_reads_back(minor in -1_000_000_000_000_i64..1_000_000_000_000, c in "usd|jpy|kwd") {
            let money = money(minor, &c);
            prop_assert_eq!(parse_thousandths(&money.decimal(), true), Some(money.thousandths()));
        }
    }
}
