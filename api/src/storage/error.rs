//! What can go wrong with the database.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// A rule of the database that a write would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Another connection of the workspace has the name.
    ConnectionName,
    /// Another connection of the workspace has the Stripe account in this mode.
    StripeAccount,
    /// An import of the connection is queued or running already.
    ActiveImport,
    /// An endpoint of the connection is being made already.
    EndpointInMaking,
    /// Another workspace has the name.
    WorkspaceName,
    /// Any other unique key.
    Other,
}

/// A failed storage operation; nothing of it was written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StorageError {
    /// The write would break a unique key.
    #[error("a row with this {0:?} exists already")]
    Conflict(Conflict),
    /// The window or task was claimed by somebody else meanwhile: the caller's fence is out of date.
    #[error("the lease was lost")]
    LeaseLost,
    /// The database URL is not one of a database that can be used.
    #[error("the database URL is not usable: {0}")]
    BadUrl(&'static str),
    /// The database did not do what it was asked.
    #[error("the database failed: {0}")]
    Database(DbErr),
}

impl StorageError {
    /// Whether the database cannot be reached at the moment: trying again may help.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) => true,
            Self::Database(
                DbErr::Exec(RuntimeErr::SqlxError(cause))
                | DbErr::Query(RuntimeErr::SqlxError(cause)),
            ) => matches!(
                &**cause,
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed
            ),
            _ => false,
        }
    }
}

impl From<DbErr> for StorageError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(message)) => {
                Self::Conflict(broken_key(&message))
            }
            _ => Self::Database(error),
        }
    }
}

/// PostgreSQL names the key, SQLite the columns.
fn broken_key(message: &str) -> Conflict {
    let has = |part: &str| message.contains(part);
    if has("connections_name_key") || has("connections.name_key") {
        Conflict::ConnectionName
    } else if has("connections_account_key") || has("connections.stripe_account_id") {
        Conflict::StripeAccount
    } else if has("imports_active_key") || has("imports.connection_id") {
        Conflict::ActiveImport
    } else if has("webhook_endpoints_creating_key") || has("webhook_endpoints.connection_id") {
        Conflict::EndpointInMaking
    } else if has("workspaces_name_key") || has("workspaces.name") {
        Conflict::WorkspaceName
    } else {
        Conflict::Other
    }
}
