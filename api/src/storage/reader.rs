//! The connections that read.

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement, sqlx,
};

/// The pool of the connections that read. What breaks a connection breaks all of them, as a restart of the server does, and
/// nobody knows before one is used: whatever meets a broken one is read again by the next.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pool: DatabaseConnection,
    /// How many connections there may be; all of them may be broken.
    connections: u32,
}

impl Reader {
    pub(super) fn new(pool: DatabaseConnection, connections: u32) -> Self {
        Self { pool, connections }
    }

    /// The pool itself, for what is not one statement.
    pub(super) fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.pool.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.pool.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        // Each that has broken is gone from the pool.
        for _ in 0..self.connections {
            let read = self.pool.query_one_raw(statement.clone()).await;
            if !is_broken(&read) {
                return read;
            }
        }
        self.pool.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        // Each that has broken is gone from the pool.
        for _ in 0..self.connections {
            let read = self.pool.query_all_raw(statement.clone()).await;
            if !is_broken(&read) {
                return read;
            }
        }
        self.pool.query_all_raw(statement).await
    }
}

/// Whether a connection ended under a statement: by itself, or as PostgreSQL says when it closes it (appendix A of its
/// manual, `admin_shutdown` and `crash_shutdown`).
fn is_broken<T>(read: &Result<T, DbErr>) -> bool {
    let Err(DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        read
    else {
        return false;
    };
    match &**error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(said) => matches!(said.code().as_deref(), Some("57P01" | "57P02")),
        _ => false,
    }
}
