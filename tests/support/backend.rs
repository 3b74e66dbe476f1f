//! The two sets of backends that every test runs on.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;

use crate::Tables;

/// A database of its own, with or without Redis; gone when the test ends.
pub enum Backend {
    /// SQLite in a temporary folder, everything else in the process.
    Embedded(TempDir),
    /// A new database on the PostgreSQL server of the tests, and their Redis.
    Shared {
        /// The server's own database, from which others are made and dropped.
        server: String,
        /// The database of this test.
        database: String,
        /// The tests' Redis.
        redis: String,
    },
}

/// Any 32 bytes: PostgreSQL has no file to keep a key beside.
const MASTER_KEYS: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[expect(
    clippy::disallowed_methods,
    reason = "the test script tells where its servers are"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Backend {
    /// SQLite and in-process state.
    #[must_use]
    pub fn embedded() -> Self {
        Self::Embedded(TempDir::new().expect("a temporary folder"))
    }

    /// PostgreSQL and Redis; none, said aloud, where `scripts/test` did not start them.
    pub async fn shared() -> Option<Self> {
        let (Some(server), Some(redis)) =
            (variable("TEST_DATABASE_URL"), variable("TEST_REDIS_URL"))
        else {
            eprintln!(
                "skipped: TEST_DATABASE_URL and TEST_REDIS_URL are not set; use scripts/test"
            );
            return None;
        };
        let database = format!("inlet_{}", crate::ids().next().simple());
        let admin = admin(&server).await;
        admin
            .execute_unprepared(&format!("CREATE DATABASE {database}"))
            .await
            .expect("a database");
        admin.close().await.expect("closing");
        Some(Self::Shared {
            server,
            database,
            redis,
        })
    }

    /// The URL of the test's database.
    #[must_use]
    pub fn database_url(&self) -> String {
        match self {
            Self::Embedded(folder) => {
                format!(
                    "sqlite://{}?mode=rwc",
                    folder.path().join("inlet.db").display()
                )
            }
            Self::Shared {
                server, database, ..
            } => {
                let (base, _) = server
                    .rsplit_once('/')
                    .expect("a database URL with a database");
                format!("{base}/{database}")
            }
        }
    }

    /// The variables that make a gateway use this backend.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let mut variables = vec![("INLET_DATABASE__URL".to_owned(), self.database_url())];
        if let Self::Shared { redis, .. } = self {
            variables.push(("INLET_REDIS__URL".to_owned(), redis.clone()));
            variables.push((
                "INLET_SECRETS__MASTER_KEYS".to_owned(),
                MASTER_KEYS.to_owned(),
            ));
            variables.push(("INLET_DATABASE__MAX_CONNECTIONS".to_owned(), "6".to_owned()));
        }
        variables
    }

    /// Drops the test's database.
    pub async fn end(self) {
        if let Self::Shared {
            server, database, ..
        } = self
        {
            let admin = admin(&server).await;
            let drop = format!("DROP DATABASE {database} WITH (FORCE)");
            admin
                .execute_unprepared(&drop)
                .await
                .expect("the database goes");
            Tables(admin).close().await;
        }
    }
}

async fn admin(server: &str) -> DatabaseConnection {
    Box::pin(Database::connect(server))
        .await
        .expect("the PostgreSQL of scripts/test")
}
