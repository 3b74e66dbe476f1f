//! Payments: what is kept of Stripe's objects, and how they are searched.

mod balance_row;
mod card_number;
mod dispute_row;
mod intent_row;
mod kept_row;
mod known;
mod payment_row;
mod payout_link;
mod refund_row;
mod roll_up;
mod search;
mod stats;
mod time;
mod watch;

pub use known::has_card;
pub use search::{PaymentSearch, SearchError};
pub use stats::{Bucket, Interval, PaymentStatsRow, StatsError, StatsSearch};
pub use watch::{MOST_IN_BATCH, PaymentWatchError};

pub(super) use balance_row::balance_row;
pub(super) use dispute_row::dispute_row;
pub(super) use intent_row::intent_row;
pub(super) use kept_row::{kept_row, masked, pick};
pub(super) use payment_row::payment_row;
pub(super) use payout_link::payout_link;
pub(super) use refund_row::refund_row;
