use async_graphql::SimpleObject;

use crate::{
    domain::pace::{self, ALLOCATION_FLOOR},
    graphql::{
        cost::list_size,
        scalar::{BigInt, Date},
    },
};

/// What Inlet reads of an account. Stripe allows on average 500 reads for each transaction over 30 days, and never less
/// than 10,000 a month; reports do not count. A count may lag a few seconds behind.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct StripeReads {
    /// Reads in the last 30 days, today among them.
    #[graphql(name = "last30Days")]
    last_30_days: BigInt,
    /// The same by day, the oldest first; days without reads are left out.
    #[graphql(directive = list_size::apply(30))]
    per_day: Vec<StripeReadsOfDay>,
    /// What Stripe allows in 30 days of every account, however few payments it has.
    allocation_floor: BigInt,
}

/// What was read of an account in a day.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct StripeReadsOfDay {
    /// The day (UTC).
    day: Date,
    /// How many reads.
    reads: BigInt,
}

impl From<pace::StripeReads> for StripeReads {
    fn from(reads: pace::StripeReads) -> Self {
        let of_day = |(day, reads)| StripeReadsOfDay {
            day: Date(day),
            reads: BigInt(reads),
        };
        Self {
            last_30_days: BigInt(reads.total),
            per_day: reads.per_day.into_iter().map(of_day).collect(),
            allocation_floor: BigInt(ALLOCATION_FLOOR),
        }
    }
}
