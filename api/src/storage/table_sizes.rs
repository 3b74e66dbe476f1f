//! What the database knows of the sizes of its tables.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{StorageError, Store};

/// Tables that have more than doubled since they were counted; small ones are left to PostgreSQL itself.
const GROWN: &str = "SELECT relname FROM pg_stat_user_tables
    WHERE schemaname = current_schema() AND n_mod_since_analyze > 500 + n_live_tup / 2";

impl Store {
    /// Has PostgreSQL look anew at tables that have grown much. It plans a statement by how large it takes a table to be,
    /// and keeps the plan: pages of a table that was empty a moment ago are read and sorted whole, until its own daemon
    /// comes by, once a minute. SQLite does not go by sizes.
    pub async fn look_at_grown_tables(&self) -> Result<(), StorageError> {
        if self.writer.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let grown = Statement::from_string(DbBackend::Postgres, GROWN);
        for row in self.reader.query_all_raw(grown).await? {
            let table: String = row.try_get_by_index(0)?;
            // Whoever holds the table's lock may be at it already.
            let look = format!(r#"ANALYZE (SKIP_LOCKED) "{table}""#);
            self.writer.execute_unprepared(&look).await?;
        }
        Ok(())
    }
}
