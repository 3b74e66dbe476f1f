//! Faults on demand: what goes wrong, where and how often.

mod fault;
mod latency;
mod limit;
mod rule;
mod steer;

pub use fault::Fault;
pub(crate) use fault::millis;
pub use latency::Latency;
pub use limit::RateLimit;
pub use rule::Rule;
pub use steer::Faults;
