//! What processes share, in this process or in Redis for several: what a flow keeps while its user is at Stripe, and the
//! request budgets of connections, the allowances of tokens, and documents that clients name by their hash.

mod allowance;
mod budget;
mod documents;
mod in_process;
mod record;
mod redis;
mod redis_states;
mod states;

pub use allowance::{Allowance, Allowances, Spent};
pub use budget::{
    About, Ask, Budget, Budgets, Complaint, Given, InProcessBudgets, RedisBudgets, Reply, Want,
};
pub use documents::Documents;
pub use in_process::InProcessStates;
pub use record::StateRecord;
pub use redis_states::RedisStates;
pub use states::{OAuthStates, StateError, Taken};
