//! What no event tells: which payments are in which payout, fees that come late, what lists leave out for a moment.

mod late_fees;
mod payouts;
mod payouts_killed;
mod relisting;
mod support;
