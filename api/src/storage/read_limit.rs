//! Ends reads that take too long in SQLite: PostgreSQL does so itself, by its `statement_timeout`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::sqlx::{Error, Sqlite, SqliteConnection, pool::PoolOptions};

/// So many of its steps SQLite takes before the time is looked at: some milliseconds' worth, so that most reads are over by
/// then.
const STEPS: i32 = 100_000;

/// How long a read may take.
#[derive(Clone)]
pub(super) struct ReadLimit {
    time: Duration,
    /// How many connections know since when they have been at it.
    timed: Arc<AtomicUsize>,
}

/// A read whose time is running.
struct Timed {
    begun: Instant,
    among: Arc<AtomicUsize>,
}

impl ReadLimit {
    pub(super) fn new(time: Duration) -> Self {
        Self {
            time,
            timed: Arc::default(),
        }
    }

    /// Sets the limit for the connections of a pool.
    pub(super) fn set(&self, pool: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
        let (first, again) = (self.clone(), self.clone());
        let pool = pool.after_connect(move |connection, _| {
            let limit = first.clone();
            Box::pin(async move { limit.watch(connection).await })
        });
        pool.after_release(move |connection, _| {
            let limit = again.clone();
            Box::pin(async move {
                // Which connection it is cannot be told, and most of the time none is.
                if limit.timed.load(Ordering::Acquire) > 0 {
                    limit.watch(connection).await?;
                }
                Ok(true)
            })
        })
    }

    /// Has the time of a connection begin with the first long read from now on.
    async fn watch(self, connection: &mut SqliteConnection) -> Result<(), Error> {
        let mut timed = None;
        let goes_on = move || {
            let timed = timed.get_or_insert_with(|| Timed::begin(&self.timed));
            timed.begun.elapsed() < self.time
        };
        let mut handle = connection.lock_handle().await?;
        handle.set_progress_handler(STEPS, goes_on);
        Ok(())
    }
}

impl Timed {
    fn begin(among: &Arc<AtomicUsize>) -> Self {
        among.fetch_add(1, Ordering::AcqRel);
        Self {
            begun: Instant::now(),
            among: Arc::clone(among),
        }
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        self.among.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use sea_orm::{ConnectionTrait, DbBackend, Statement};
    use secrecy::SecretString;

    use super::*;
    use crate::storage::{DatabaseOptions, Store};

    /// Reads that count to so much.
    fn counting(to: u64) -> Statement {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {to}) SELECT count(*) FROM n"
        );
        Statement::from_string(DbBackend::Sqlite, sql)
    }

    async fn store(folder: &tempfile::TempDir, read_timeout: Duration) -> Store {
        let path = folder.path().join("inlet.db");
        Store::open(&DatabaseOptions {
            url: SecretString::from(format!("sqlite://{}?mode=rwc", path.display())),
            max_connections: 1,
            acquire_timeout: Duration::from_secs(10),
            read_timeout,
        })
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn a_read_that_does_not_end_is_ended_and_the_next_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, Duration::from_secs(1)).await;

        let endless = store.reader.query_all_raw(counting(1 << 60)).await;
        assert!(endless.unwrap_err().to_string().contains("interrupt"));

        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(2) {
            // Long enough to be timed, each from its own begin.
            let counted = store.reader.query_all_raw(counting(50_000)).await.unwrap();
            let counted: i64 = counted[0].try_get_by_index(0).unwrap();
            assert_eq!(counted, 50_000);
        }
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_read_that_nobody_waits_for_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, Duration::from_secs(1)).await;
        let endless = store.reader.query_all_raw(counting(1 << 60));
        let waited = tokio::time::timeout(Duration::from_millis(50), endless).await;
        assert!(waited.is_err(), "nobody waits for it any more");

        // There is one connection, and it is free again.
        let counted = store.reader.query_all_raw(counting(10)).await.unwrap();
        assert_eq!(counted.len(), 1);
        store.close().await.unwrap();
    }
}
