//! Ends reads that take too long in SQLite: PostgreSQL does so itself, by its `statement_timeout`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectOptions,
    sqlx::{Error, SqliteConnection},
};

/// SQLite takes so many steps between two looks at the time: some milliseconds' worth of what is in memory. It counts
/// them by statement, so that one that is asked often has the time looked at now and then too.
const STEPS: i32 = 100_000;

/// How long a read may take.
#[derive(Clone)]
pub(super) struct ReadLimit {
    time: Duration,
    /// How many connections have a clock running.
    timed: Arc<AtomicUsize>,
}

/// A read whose time is running.
struct Timed {
    begun: Instant,
    among: Arc<AtomicUsize>,
}

impl ReadLimit {
    /// Limits the reads of all connections of a pool.
    pub(super) fn set(time: Duration, pool: &mut ConnectOptions) {
        let first = Self {
            time,
            timed: Arc::default(),
        };
        let again = first.clone();
        pool.map_sqlx_sqlite_pool_opts(move |pool| {
            let limit = first.clone();
            pool.after_connect(move |connection, _| Box::pin(limit.clone().watch(connection)))
        });
        // Not when a connection is released: a read that nobody waits for any more may still be under way then.
        pool.map_sqlx_sqlite_before_acquire(move |connection, _| {
            let limit = again.clone();
            Box::pin(async move {
                // A hook is not told which connection it has; mostly no clock runs.
                if limit.timed.load(Ordering::Acquire) > 0 {
                    limit.watch(connection).await?;
                }
                Ok(true)
            })
        });
    }

    /// Has the time of a connection begin with the first look at it from now on.
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
    use sea_orm::{ConnectionTrait, DbBackend, Statement};

    use super::*;
    use crate::storage::{DatabaseOptions, Store};

    /// What the reads of these tests may take; the short ones take a hundredth of it.
    const LIMIT: Duration = Duration::from_secs(2);

    /// Nothing counts so far.
    const ENDLESS: u64 = 1 << 60;

    /// Counts to so much.
    fn counting(to: u64) -> Statement {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {to}) SELECT count(*) FROM n"
        );
        Statement::from_string(DbBackend::Sqlite, sql)
    }

    async fn store(folder: &tempfile::TempDir, read_timeout: Duration) -> Store {
        let options = DatabaseOptions {
            read_timeout,
            ..DatabaseOptions::in_folder(folder)
        };
        Store::open(&options).await.unwrap()
    }

    #[tokio::test]
    async fn a_read_that_does_not_end_is_ended_and_the_next_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, LIMIT).await;

        let endless = store.reader.query_all_raw(counting(ENDLESS)).await;
        assert!(endless.unwrap_err().to_string().contains("interrupt"));

        let begun = Instant::now();
        while begun.elapsed() < LIMIT * 2 {
            // Each on a clock of its own.
            assert_counts(&store).await;
        }
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_read_that_nobody_waits_for_is_ended_and_the_next_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, LIMIT).await;
        for patience in [Duration::ZERO, Duration::from_millis(1), LIMIT / 4] {
            let endless = store.reader.query_all_raw(counting(ENDLESS));
            let waited = tokio::time::timeout(patience, endless).await;
            assert!(waited.is_err(), "nobody waits for it any more");

            // There is one connection, and it is free again.
            assert_counts(&store).await;
        }
        store.close().await.unwrap();
    }

    /// A read that is long enough for the time to be looked at.
    async fn assert_counts(store: &Store) {
        let counted = store.reader.query_all_raw(counting(20_000)).await.unwrap();
        let counted: i64 = counted[0].try_get_by_index(0).unwrap();
        assert_eq!(counted, 20_000);
    }
}
