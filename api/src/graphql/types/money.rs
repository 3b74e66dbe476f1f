use async_graphql::SimpleObject;

use crate::{
    domain::money,
    graphql::scalar::{BigInt, CurrencyCode, Decimal},
};

/// An amount of money, exact, in both forms: JPY 500 is amount "500", minorUnits "500"; KWD 1.234 is minorUnits "1234".
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct Money {
    /// In major units with all decimals that Stripe gives the currency, e.g. "1099.50".
    amount: Decimal,
    /// In the currency's smallest unit, as Stripe counts it, e.g. "109950".
    minor_units: BigInt,
    /// The currency of the amount.
    currency: CurrencyCode,
}

impl Money {
    /// So many of the smallest unit of a currency.
    pub(in crate::graphql) fn new(minor: i64, currency: &str) -> Self {
        let money = money::Money {
            minor,
            currency: currency.to_owned(),
        };
        Self {
            amount: Decimal(money.decimal()),
            minor_units: BigInt(minor),
            currency: CurrencyCode(money.currency),
        }
    }
}
