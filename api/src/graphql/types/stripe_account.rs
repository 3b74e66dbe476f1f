use async_graphql::SimpleObject;

use crate::{
    graphql::scalar::{CountryCode, CurrencyCode},
    storage::{AccountFacts, ConnectionRow},
};

/// A Stripe account. Any of these may be unknown: a restricted key need not be allowed to read its own account.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct StripeAccount {
    /// The account's id at Stripe, which starts with `acct_`.
    stripe_id: Option<String>,
    /// The account's name in the Stripe dashboard.
    display_name: Option<String>,
    /// The country where the business is registered.
    country: Option<CountryCode>,
    /// The currency that the account settles in unless told otherwise.
    default_currency: Option<CurrencyCode>,
}

impl From<AccountFacts> for StripeAccount {
    fn from(facts: AccountFacts) -> Self {
        Self {
            stripe_id: facts.stripe_id,
            display_name: facts.name,
            country: facts.country.map(CountryCode),
            default_currency: facts.currency.map(CurrencyCode),
        }
    }
}

impl From<&ConnectionRow> for StripeAccount {
    fn from(row: &ConnectionRow) -> Self {
        Self::from(AccountFacts {
            stripe_id: row.stripe_account_id.clone(),
            name: row.account_name.clone(),
            country: row.account_country.clone(),
            currency: row.account_currency.clone(),
        })
    }
}
