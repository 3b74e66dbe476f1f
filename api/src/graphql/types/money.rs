use async_graphql::Description;

use crate::{
    domain::money,
    graphql::{
        flat::{Held, flat},
        scalar::{BigInt, CurrencyCode, Decimal},
    },
};

/// An amount of money, exact, in both forms: JPY 500 is amount "500", minorUnits "500"; KWD 1.234 is minorUnits "1234".
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct Money {
    minor: i64,
    currency: String,
}

impl Money {
    /// So many of the smallest unit of a currency.
    pub(in crate::graphql) fn new(minor: i64, currency: &str) -> Self {
        Self {
            minor,
            currency: currency.to_owned(),
        }
    }
}

flat! {
    Money of Money {
        /// In major units with all decimals that Stripe gives the currency, e.g. "1099.50".
        amount: scalar[] = |money| Decimal(money::decimal(money.minor, &money.currency));
        /// In the currency's smallest unit, as Stripe counts it, e.g. "109950".
        minorUnits: scalar[] = |money| BigInt(money.minor);
        /// The currency of the amount.
        currency: scalar[] = |money| CurrencyCode(money.currency.clone());
    }
}

impl Held for Money {
    fn of(&self) -> &Self {
        self
    }
}
