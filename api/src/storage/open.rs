//! Opening the database: pools, pragmas, migrations.

use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use secrecy::{ExposeSecret, SecretString};

use tokio::time::timeout;

use super::{
    StorageError, data_health::JoinedHealth, notifications::Told, payments::JoinedPayments,
    read_limit::ReadLimit, reader::Reader, stats::JoinedSums,
};

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct DatabaseOptions {
    /// `sqlite://…` or `postgres://…`; may hold a password.
    pub url: SecretString,
    /// The most connections of one pool; SQLite always writes over one.
    pub max_connections: u32,
    /// How long a query may wait for a connection.
    pub acquire_timeout: Duration,
    /// How long the database works on a read at most: whoever asked has gone by then.
    pub read_timeout: Duration,
}

#[cfg(test)]
impl DatabaseOptions {
    /// A SQLite file in a folder of a test, over one connection.
    pub(crate) fn in_folder(folder: &tempfile::TempDir) -> Self {
        let path = folder.path().join("inlet.db");
        Self {
            url: SecretString::from(format!("sqlite://{}?mode=rwc", path.display())),
            max_connections: 1,
            acquire_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_mins(1),
        }
    }
}

/// The number of the advisory lock that a migrating process holds: "inlet" in ASCII.
const MIGRATION_LOCK: i64 = 0x69_6e6c_6574;

/// The length of SQLite's log, in its pages of 4 KiB, from which on it is copied into the file.
const WAL_PAGES: &str = "8192";

/// What SQLite's one writer may hold of the file in memory, in KiB: the pages that a page of an import changes, and
/// those that lead to them.
const WRITERS_CACHE: u32 = 32_768;

/// The same of each reader: SQLite's default.
const READERS_CACHE: u32 = 2_000;

/// A connection that was used within this time is taken to be good: to ask it first would be as dear as most reads.
const FRESH: Duration = Duration::from_secs(1);

/// How long the end waits for connections that are still out.
const CLOSE_TIME: Duration = Duration::from_secs(10);

/// The database, through one pool for writes and another for reads, so that an import cannot starve queries.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) writer: DatabaseConnection,
    pub(super) reader: Reader,
    pub(super) told: Told,
    pub(super) payments: JoinedPayments,
    pub(super) sums: JoinedSums,
    pub(super) health: JoinedHealth,
    options: DatabaseOptions,
}

impl Store {
    /// Opens both pools; a SQLite file is made where the URL says `mode=rwc`.
    pub async fn open(options: &DatabaseOptions) -> Result<Self, StorageError> {
        let url = options.url.expose_secret();
        let writers = if url.starts_with("sqlite:") {
            if url.contains(":memory:") || url.contains("mode=memory") {
                return Err(StorageError::BadUrl(
                    "SQLite in memory cannot be shared by two pools; name a file",
                ));
            }
            1
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            options.max_connections
        } else {
            return Err(StorageError::BadUrl(
                "it must start with sqlite:// or postgres://",
            ));
        };
        // The writer goes first: it makes the file and switches it to WAL.
        let writer = connect(pool(options, writers, WRITERS_CACHE)).await?;
        let mut readers = pool(options, options.max_connections, READERS_CACHE);
        let millis = options.read_timeout.as_millis();
        readers.map_sqlx_postgres_opts(move |postgres| {
            postgres.options([("statement_timeout", millis.to_string())])
        });
        ReadLimit::set(options.read_timeout, &mut readers);
        Ok(Self {
            writer,
            reader: Reader::new(connect(readers).await?, options.max_connections),
            told: Told::default(),
            payments: JoinedPayments::default(),
            sums: JoinedSums::default(),
            health: JoinedHealth::default(),
            options: options.clone(),
        })
    }

    /// Brings the schema up to date; returns how many migrations were applied. Of several processes that start
    /// together one migrates, and the others wait for it.
    pub async fn migrate(&self) -> Result<usize, StorageError> {
        if self.writer.get_database_backend() == DbBackend::Sqlite {
            return self.migrate_file().await;
        }
        let lock = self.writer.begin().await?;
        lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            .await?;
        // A connection of its own: the lock may hold the writers' last one, and readers have no time for it.
        let own = connect(pool(&self.options, 1, READERS_CACHE)).await?;
        let applied = migrate(&own).await;
        own.close().await?;
        lock.commit().await?;
        applied
    }

    /// SQLite has no lock to hold over several transactions. A process that finds a migration made by another one at
    /// the same moment has changed nothing, and goes on behind it.
    async fn migrate_file(&self) -> Result<usize, StorageError> {
        let mut left = self.pending_migrations().await?;
        let all = left;
        loop {
            match migrate(&self.writer).await {
                Ok(_) => return Ok(all),
                Err(error) => {
                    let now = self.pending_migrations().await?;
                    if now >= left {
                        return Err(error);
                    }
                    left = now;
                }
            }
        }
    }

    /// Takes the newest `steps` migrations back.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StorageError> {
        Ok(Migrator::down(&self.writer, Some(steps)).await?)
    }

    /// How many migrations are still to be applied.
    pub async fn pending_migrations(&self) -> Result<usize, StorageError> {
        Ok(Migrator::get_pending_migrations(self.reader.pool())
            .await?
            .len())
    }

    /// Answers when both pools do.
    pub async fn ping(&self) -> Result<(), StorageError> {
        self.reader.pool().ping().await?;
        Ok(self.writer.ping().await?)
    }

    /// Closes both pools; SQLite folds its log into the file. A pool that waits for a connection that never comes back
    /// is left to the end of the process: nothing is lost by that, and a process that should end does.
    pub async fn close(self) -> Result<(), StorageError> {
        let both = async {
            self.reader.pool().clone().close().await?;
            self.writer.close().await
        };
        let Ok(closed) = timeout(CLOSE_TIME, both).await else {
            tracing::warn!("the database's connections were not all given back");
            return Ok(());
        };
        Ok(closed?)
    }

    /// Begins a transaction that will write: SQLite takes its lock at once instead of failing halfway.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, StorageError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// The same for what will be done again where it is lost: PostgreSQL does not wait for the disk at the commit. What
    /// is lost with the machine is the last moment before its end, and always the latest transactions, as whole ones.
    /// Without this the pages of an import, which all change the import's row, come one after the other at the speed
    /// of the disk.
    pub(super) async fn begin_repeatable(&self) -> Result<DatabaseTransaction, StorageError> {
        let transaction = self.begin().await?;
        if transaction.get_database_backend() == DbBackend::Postgres {
            transaction
                .execute_unprepared("SET LOCAL synchronous_commit = off")
                .await?;
        }
        Ok(transaction)
    }
}

async fn migrate(connection: &DatabaseConnection) -> Result<usize, StorageError> {
    let pending = Migrator::get_pending_migrations(connection).await?.len();
    Migrator::up(connection, None).await?;
    Ok(pending)
}

/// Opens a pool; what does that is large, and in a box.
async fn connect(pool: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    Box::pin(Database::connect(pool)).await
}

fn pool(options: &DatabaseOptions, connections: u32, cache_kibibytes: u32) -> ConnectOptions {
    // Negative is not a number of pages.
    let cache = format!("-{cache_kibibytes}");
    let mut pool = ConnectOptions::new(options.url.expose_secret());
    pool.max_connections(connections)
        .min_connections(1)
        .connect_timeout(options.acquire_timeout)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire_if_idle_for(FRESH)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                // An event is acknowledged only when it would survive the machine's end too.
                .pragma("synchronous", "FULL")
                // A page of an import touches hundreds of pages of the file, most of them in indexes: with SQLite's
                // own 4 MB of log they would be copied into the file, and waited for, after every one or two.
                .pragma("wal_autocheckpoint", WAL_PAGES)
                .pragma("cache_size", cache.clone())
                .busy_timeout(Duration::from_secs(10))
        });
    pool
}
