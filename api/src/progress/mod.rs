//! The bus: whoever changes something tells it, and whoever watches hears of it, in every process.
//!
//! Of an import's progress the state itself is told, the latest to each. Of connections and payments only the ids are,
//! each once to each watcher until it reads them; more than a watcher keeps, and what a lost Redis swallowed, is told
//! as a resync.

mod backoff;
mod bus;
mod change;
mod changes;
mod event;
mod gathered;
mod in_process;
mod latest;
mod mailbox;
mod redis_bus;
mod redis_listener;
mod redis_outbox;
mod subscription;
mod topic;
mod topics;

pub use bus::{Bus, BusError};
pub use change::{Change, Changed};
pub use changes::{Changes, News};
pub use event::ProgressEvent;
pub use in_process::InProcessBus;
pub use redis_bus::RedisBus;
pub use subscription::{ProgressSubscription, Signal};
