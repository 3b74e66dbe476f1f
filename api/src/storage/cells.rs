//! Values of a result by their places, taken without asking what type the database gave them: for statements whose columns
//! are ours, that is known, and asking took longer than reading.

use chrono::{DateTime, Utc};
use entity::payment::Status;
use sea_orm::{
    ActiveEnum, DbErr, QueryResult, RuntimeErr,
    sqlx::{Error, Row, postgres::PgRow, sqlite::SqliteRow, types::Json},
};
use uuid::Uuid;

/// The values of one row.
#[derive(Clone, Copy)]
pub(super) enum Cells<'a> {
    Postgres(&'a PgRow),
    Sqlite(&'a SqliteRow),
}

/// A value of a type that columns have.
pub(super) trait Cell: Sized {
    /// The value at this place.
    fn read(cells: Cells<'_>, at: usize) -> Result<Self, DbErr>;
}

impl<'a> Cells<'a> {
    pub(super) fn of(result: &'a QueryResult) -> Result<Self, DbErr> {
        let sqlite = || result.try_as_sqlite_row().map(Self::Sqlite);
        let row = result.try_as_pg_row().map(Self::Postgres).or_else(sqlite);
        row.ok_or_else(|| DbErr::Type("a row of neither database".to_owned()))
    }
}

macro_rules! cells {
    ($($type:ty),+) => {$(
        impl Cell for $type {
            fn read(cells: Cells<'_>, at: usize) -> Result<Self, DbErr> {
                let value = match cells {
                    Cells::Postgres(row) => row.try_get_unchecked(at),
                    Cells::Sqlite(row) => row.try_get_unchecked(at),
                };
                value.map_err(failed)
            }
        }
    )+};
}

cells!(
    bool,
    i64,
    Option<i64>,
    Option<i32>,
    String,
    Option<String>,
    Uuid,
    DateTime<Utc>,
    Json<serde_json::Value>
);

impl Cell for serde_json::Value {
    fn read(cells: Cells<'_>, at: usize) -> Result<Self, DbErr> {
        Json::read(cells, at).map(|Json(value)| value)
    }
}

impl Cell for Status {
    fn read(cells: Cells<'_>, at: usize) -> Result<Self, DbErr> {
        Self::try_from_value(&String::read(cells, at)?)
    }
}

fn failed(error: Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
