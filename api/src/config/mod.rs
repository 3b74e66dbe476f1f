//! Settings: the documented defaults, then a file, then the environment, which is read nowhere else.

mod database;
mod environment;
mod error;
mod export;
mod host;
mod import;
mod inbox;
mod layer;
mod limits;
mod load;
mod log;
mod notifications;
mod redis;
mod secrets;
mod server;
mod stripe;
#[cfg(test)]
mod tests;
mod value;
mod warning;

pub use database::DatabaseConfig;
pub use error::{ConfigError, Problem, Problems};
pub use export::ExportConfig;
pub use host::HostConfig;
pub use import::ImportConfig;
pub use inbox::InboxConfig;
pub use limits::LimitsConfig;
pub use load::Config;
pub use log::{LogConfig, LogFormat};
pub use notifications::NotificationsConfig;
pub use redis::RedisConfig;
pub use secrets::SecretsConfig;
pub use server::ServerConfig;
pub use stripe::{OAuthAppConfig, OAuthConfig, OAuthKind, StripeConfig};
