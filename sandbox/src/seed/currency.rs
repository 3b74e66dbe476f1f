//! Currencies: their smallest units, their worth and what shops charge in them.

use super::Dice;

/// A currency that payments are made in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Currency {
    pub(super) code: &'static str,
    /// How many smallest units make one.
    units: f64,
    /// What one is worth in US dollars.
    worth: f64,
    /// The country that most of its buyers live in.
    pub(super) country: &'static str,
}

const fn currency(code: &'static str, units: f64, worth: f64, country: &'static str) -> Currency {
    Currency {
        code,
        units,
        worth,
        country,
    }
}

const CURRENCIES: [(u32, Currency); 12] = [
    (46, currency("usd", 100.0, 1.0, "US")),
    (22, currency("eur", 100.0, 1.093, "DE")),
    (9, currency("gbp", 100.0, 1.27, "GB")),
    (5, currency("cad", 100.0, 0.73, "CA")),
    (4, currency("aud", 100.0, 0.66, "AU")),
    (3, currency("chf", 100.0, 1.13, "CH")),
    (4, currency("jpy", 1.0, 0.0067, "JP")),
    (2, currency("krw", 1.0, 0.000_75, "KR")),
    (1, currency("kwd", 1000.0, 3.25, "KW")),
    (1, currency("bhd", 1000.0, 2.65, "BH")),
    (2, currency("brl", 100.0, 0.2, "BR")),
    (2, currency("mxn", 100.0, 0.058, "MX")),
];

impl Currency {
    pub(super) fn any(dice: &mut Dice) -> Self {
        dice.weighted(&CURRENCIES)
    }

    /// A currency of the table; what is not in it is the US dollar.
    pub(super) fn of(code: &str) -> Self {
        Self::find(code).unwrap_or(CURRENCIES[0].1)
    }

    /// A currency of the table.
    pub(super) fn find(code: &str) -> Option<Self> {
        let known = CURRENCIES.iter().find(|(_, known)| known.code == code);
        known.map(|(_, known)| *known)
    }

    /// A price, mostly small and sometimes large.
    pub(super) fn price(self, dice: &mut Dice) -> i64 {
        let dollars = 1.5 + (dice.unit() * 4.6).exp() * 2.9;
        let amount = rounded(dollars / self.worth * self.units).max(1);
        // The last digit of three-decimal currencies is always zero.
        if self.units > 100.0 {
            amount / 10 * 10 + 10
        } else {
            amount
        }
    }

    /// How many smallest units of the other one are worth; none when it is the same.
    pub(super) fn rate_to(self, other: Self) -> Option<f64> {
        let rate = (self.worth / self.units) / (other.worth / other.units);
        (self.code != other.code).then(|| (rate * 1e6).round() / 1e6)
    }
}

/// The currency in which an account of this country is paid out.
pub(crate) fn settlement_currency(country: &str) -> &'static str {
    let known = CURRENCIES
        .iter()
        .find(|(_, currency)| currency.country == country);
    match country {
        "AT" | "BE" | "ES" | "FI" | "FR" | "IE" | "IT" | "NL" | "PT" => "eur",
        _ => known.map_or("usd", |(_, currency)| currency.code),
    }
}

/// The part of an amount.
pub(super) fn share(amount: i64, part: f64) -> i64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "seeded amounts are far below 2^52"
    )]
    let amount = amount as f64;
    rounded(amount * part)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "seeded amounts are far below 2^52"
)]
fn rounded(amount: f64) -> i64 {
    amount.round() as i64
}
