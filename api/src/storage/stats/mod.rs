//! Sums over payments, for charts.
//!
//! Most are read from `payment_rollups`, which hold what the payments of each connection and hour come to. Whoever
//! changes payments writes a mark in the same transaction: which hours he touched, one row however many payments. A worker
//! sums marked hours up again and deletes their marks; until then their payments themselves are read. So a sum is never
//! wrong, an import pays for one small row a page, and hours that change all the time are summed up once and not with
//! every change. Adding and subtracting in the transaction itself would have to know what each upsert replaced.

mod hours;
mod marks;
mod query;
mod roll_up;
mod sums;

pub use hours::Span;
pub(super) use query::JoinedSums;
pub use query::{PaymentSums, StatsGroup, StatsQuery};
pub use roll_up::MarkedHours;
pub use sums::{StatsColumn, StatsKey};

pub(super) use marks::{everything, note, of_page, write};
