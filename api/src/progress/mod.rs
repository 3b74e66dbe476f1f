//! The bus of import progress: whoever imports publishes, whoever watches sees the latest state.

mod backoff;
mod bus;
mod event;
mod in_process;
mod latest;
mod redis_bus;
mod redis_listener;
mod subscription;
mod topics;

pub use bus::{BusError, ProgressBus};
pub use event::ProgressEvent;
pub use in_process::InProcessBus;
pub use redis_bus::RedisBus;
pub use subscription::{ProgressSubscription, Signal};
