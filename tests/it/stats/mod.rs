//! Sums over payments: equal to what the payments come to, whatever was summed up before.

mod asking;
mod ground;
mod keeping;
mod oracle;
mod random_asking;
mod random_payments;
mod sums_equal_payments;

pub(crate) use ground::{at, connection_id};
