//! What a flow keeps while its user is at Stripe: in this process, or in Redis for several processes.

mod in_process;
mod record;
mod redis_states;
mod states;

pub use in_process::InProcessStates;
pub use record::StateRecord;
pub use redis_states::RedisStates;
pub use states::{OAuthStates, StateError, Taken};
