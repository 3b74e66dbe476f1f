use async_graphql::{Context, Enum, SimpleObject};
use futures_util::future::try_join_all;

use super::{
    money::Money,
    payment_dimension::{DimensionValue, Names, PaymentDimension},
};
use crate::{
    domain::payment::{Bucket, Interval, PaymentStatsRow},
    graphql::{
        context::ContextExt,
        cost::list_size,
        error::ApiError,
        scalar::{BigInt, CurrencyCode, DateTime},
    },
    storage::StatsKey,
};

/// How long the intervals of a chart are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Interval")]
pub(in crate::graphql) enum TimeInterval {
    /// Hours of the time zone's clocks.
    Hour,
    /// Days of the time zone.
    Day,
    /// Weeks of the time zone, from Monday.
    Week,
    /// Months of the time zone.
    Month,
}

/// Sums over payments, one row for each interval, currency and value of the dimensions: what a chart draws.
///
/// Refunds, disputes and fees count where their payment was created. Authorisations that are not captured, or were let go,
/// are attempts and nothing else, as are pending payments and verifications of a card (amount 0).
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct PaymentStats {
    /// The interval; null where no interval was asked for.
    interval: Option<DateTimeBucket>,
    /// The currency of the payments.
    currency: CurrencyCode,
    /// The values of the dimensions, in the order asked for.
    #[graphql(directive = list_size::apply(3))]
    dimensions: Vec<DimensionValue>,
    /// How many payments were tried, whatever became of them.
    attempts: BigInt,
    /// How many of them succeeded.
    succeeded: BigInt,
    /// How many of them failed.
    failed: BigInt,
    /// succeeded / (succeeded + failed); null when neither.
    approval_rate: Option<f64>,
    /// What was taken: the captured amounts.
    gross_volume: Money,
    /// What was given back of it.
    refunded_volume: Money,
    /// How many refunds there were, without those that failed or were canceled.
    refunds: BigInt,
    /// How many disputes there were, inquiries too.
    disputes: BigInt,
    /// How much was disputed; a dispute in another currency than its payment's is counted and not added up.
    disputed_volume: Money,
    /// Fees in each settlement currency: they may differ from the payment's own.
    #[graphql(directive = list_size::apply(2))]
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

impl From<Bucket> for DateTimeBucket {
    fn from(bucket: Bucket) -> Self {
        Self {
            start: DateTime(bucket.start),
            end: DateTime(bucket.end),
        }
    }
}

impl PaymentStats {
    /// What rows say that were grouped by these dimensions.
    pub(in crate::graphql) async fn all(
        ctx: &Context<'_>,
        rows: Vec<PaymentStatsRow>,
        dimensions: &[PaymentDimension],
    ) -> Result<Vec<Self>, ApiError> {
        let names = names(ctx, &rows).await?;
        let rows = rows.into_iter();
        Ok(rows.map(|row| Self::new(row, dimensions, &names)).collect())
    }

    fn new(row: PaymentStatsRow, dimensions: &[PaymentDimension], names: &Names) -> Self {
        let approval_rate = row.approval_rate();
        let currency = StatsKey::Text(row.currency.clone());
        let mut keys = row.keys.iter();
        let values = dimensions.iter().map(|dimension| {
            let key = match dimension {
                PaymentDimension::Currency => &currency,
                _ => keys.next().unwrap_or(&StatsKey::Missing),
            };
            dimension.value(key, names)
        });
        let dimensions = values.collect();
        let money = |minor| Money::new(minor, &row.currency);
        Self {
            interval: row.interval.map(DateTimeBucket::from),
            dimensions,
            attempts: BigInt(row.sums.attempts),
            succeeded: BigInt(row.sums.succeeded),
            failed: BigInt(row.sums.failed),
            approval_rate,
            gross_volume: money(row.sums.captured),
            refunded_volume: money(row.sums.refunded),
            refunds: BigInt(row.sums.refunds),
            disputes: BigInt(row.sums.disputes),
            disputed_volume: money(row.sums.disputed),
            fees: row
                .fees
                .iter()
                .map(|(currency, fee)| Money::new(*fee, currency))
                .collect(),
            currency: CurrencyCode(row.currency),
        }
    }
}

/// The names of the connections that rows are of, read in one statement.
async fn names(ctx: &Context<'_>, rows: &[PaymentStatsRow]) -> Result<Names, ApiError> {
    let mut connections: Vec<_> = rows
        .iter()
        .flat_map(|row| &row.keys)
        .filter_map(|key| match key {
            StatsKey::Connection(id) => Some(*id),
            _ => None,
        })
        .collect();
    connections.sort_unstable();
    connections.dedup();
    let loaders = ctx.loaders()?;
    let found = try_join_all(connections.iter().map(|id| loaders.find(*id))).await?;
    let named = connections.into_iter().zip(found);
    Ok(named
        .filter_map(|(id, row)| Some((id, row?.name.clone())))
        .collect())
}
