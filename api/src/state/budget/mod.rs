//! The request budget of a connection: turns, places and what was learnt, kept in this process or shared through Redis.
//!
//! The account's limits are shared with the merchant's own checkout (Stripe contract section 6.1), so a budget is never
//! exceeded by all processes together. Where Stripe says that it is too much, the share that it complains of is halved
//! at once and won back slowly.

mod ask;
mod books;
mod in_process;
mod redis_budgets;

pub use ask::{About, Ask, Budget, Budgets, Complaint, Given, Reply, Want};
pub use in_process::InProcessBudgets;
pub use redis_budgets::RedisBudgets;
