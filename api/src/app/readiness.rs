//! Whether the process can do its work.

use std::time::Duration;

use async_trait::async_trait;

use super::App;
use crate::http::{Check, Readiness};

/// What does not answer in this time is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

#[async_trait]
impl Readiness for App {
    async fn check(&self) -> Vec<Check> {
        let store = self.gateway.store();
        let database = async { store.ping().await.is_ok() };
        let migrations = async { matches!(store.pending_migrations().await, Ok(0)) };
        let redis = async {
            match &self.redis {
                Some(redis) => Some(redis.ping().await.is_ok()),
                None => None,
            }
        };
        let (database, migrations, redis) = tokio::join!(
            tokio::time::timeout(PATIENCE, database),
            tokio::time::timeout(PATIENCE, migrations),
            tokio::time::timeout(PATIENCE, redis),
        );
        let mut checks = vec![
            Check {
                name: "database",
                ok: database.unwrap_or(false),
            },
            Check {
                name: "migrations",
                ok: migrations.unwrap_or(false),
            },
        ];
        if let Some(ok) = redis.unwrap_or(Some(false)) {
            checks.push(Check { name: "redis", ok });
        }
        checks
    }
}
