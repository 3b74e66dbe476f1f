use async_graphql::{Enum, SimpleObject};

use super::money::Money;
use crate::graphql::scalar::{BigInt, CurrencyCode, DateTime};

/// How long the intervals of a chart are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(in crate::graphql) enum TimeInterval {
    /// Hours.
    Hour,
    /// Days of the time zone.
    Day,
    /// Weeks of the time zone, from Monday.
    Week,
    /// Months of the time zone.
    Month,
}

/// What payments may be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(in crate::graphql) enum PaymentDimension {
    /// The data connection.
    Connection,
    /// The payment's currency.
    Currency,
    /// What became of the payment.
    Status,
    /// The method, as Stripe names it.
    MethodType,
    /// The brand of the card.
    CardBrand,
    /// Credit, debit or prepaid.
    CardFunding,
    /// The country of the issuing bank.
    CardCountry,
    /// The issuing bank.
    Issuer,
    /// The first digits of the card.
    Bin,
    /// Why the issuer declined.
    DeclineCode,
    /// The wallet that the card was in.
    Wallet,
}

/// Sums over payments, one row for each interval, currency and value of the dimensions: what a chart draws.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct PaymentStats {
    /// The interval; null where no interval was asked for.
    interval: Option<DateTimeBucket>,
    /// The currency of the payments.
    currency: CurrencyCode,
    /// The values of the dimensions, in the order asked for.
    dimensions: Vec<DimensionValue>,
    /// How many payments were tried.
    attempts: BigInt,
    /// How many of them succeeded.
    succeeded: BigInt,
    /// How many of them failed.
    failed: BigInt,
    /// succeeded / (succeeded + failed); null when neither.
    approval_rate: Option<f64>,
    /// What was taken.
    gross_volume: Money,
    /// What was given back of it.
    refunded_volume: Money,
    /// How many refunds there were.
    refunds: BigInt,
    /// How many disputes there were.
    disputes: BigInt,
    /// How much was disputed.
    disputed_volume: Money,
    /// Fees in each settlement currency: they may differ from the payment's own.
    fees: Vec<Money>,
}

/// An interval of a chart.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(in crate::graphql) struct DateTimeBucket {
    /// Where it begins.
    start: DateTime,
    /// Where it ends: the start of the next one.
    end: DateTime,
}

/// What a row has in common in one dimension.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct DimensionValue {
    /// The dimension.
    dimension: PaymentDimension,
    /// The value, to filter by; null where the payments have none.
    value: Option<String>,
    /// The value in words for people.
    label: Option<String>,
}
