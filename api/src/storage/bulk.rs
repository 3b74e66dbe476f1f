//! How many rows go into a table at once. The statement's text is made once a table; what changes from page to page is
//! what is bound to it.
//!
//! PostgreSQL gets the rows as one JSON document: one parameter however many rows there are, so that each connection
//! has one prepared statement a table. As lists of values a page has thousands of parameters, and each number of rows
//! would be a statement of its own to parse and plan. SQLite has nothing to gain by that, and takes lists of values.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, IdenStatic, IntoActiveModel, Iterable, Statement, Value, sea_query::ColumnType,
};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};

/// The most parameters that SQLite takes (its `SQLITE_MAX_VARIABLE_NUMBER`).
const MOST_PARAMETERS: usize = 32_766;

/// The bulk upsert of one table.
pub(super) struct Bulk {
    /// How many columns the table has.
    width: usize,
    /// Table and columns.
    insert: String,
    /// The columns' types on PostgreSQL, each by its place, which is shorter than its name.
    fields: String,
    /// What becomes of a row that is there.
    conflict: String,
}

impl Bulk {
    /// An upsert that replaces a row by a strictly newer observation, bar the columns `kept`: these keep what is known
    /// where the new observation does not know it. The table has the columns `id` and `observed_at`.
    pub(super) fn of<E: EntityTrait>(kept: &[&str]) -> Self {
        let table = E::default();
        let table = table.table_name();
        let columns: Vec<_> = E::Column::iter().collect();
        let names: Vec<_> = columns.iter().map(IdenStatic::as_str).collect();
        let field = |(place, column): (usize, &E::Column)| {
            format!(
                "\"{place}\" {}",
                postgres_type(column.def().get_column_type())
            )
        };
        let set = |name: &&str| {
            if kept.contains(name) {
                format!("\"{name}\" = COALESCE(\"excluded\".\"{name}\", \"{table}\".\"{name}\")")
            } else {
                format!("\"{name}\" = \"excluded\".\"{name}\"")
            }
        };
        let fields: Vec<_> = columns.iter().enumerate().map(field).collect();
        let replaced: Vec<_> = names
            .iter()
            .filter(|name| **name != "id")
            .map(set)
            .collect();
        Self {
            width: names.len(),
            insert: format!("INSERT INTO \"{table}\" (\"{}\")", names.join("\", \"")),
            fields: fields.join(", "),
            conflict: format!(
                "ON CONFLICT (\"id\") DO UPDATE SET {} WHERE \"excluded\".\"observed_at\" > \"{table}\".\"observed_at\"",
                replaced.join(", ")
            ),
        }
    }

    /// Writes rows; no two have the same id.
    pub(super) async fn write<R, A>(
        &self,
        transaction: &DatabaseTransaction,
        rows: Vec<R>,
    ) -> Result<(), DbErr>
    where
        R: IntoActiveModel<A>,
        A: ActiveModelTrait,
    {
        let mut values = Vec::with_capacity(rows.len() * self.width);
        for row in rows {
            let mut row = row.into_active_model();
            for column in <A::Entity as EntityTrait>::Column::iter() {
                let value = row.take(column).into_value();
                let missing = || DbErr::AttrNotSet(column.as_str().to_owned());
                values.push(value.ok_or_else(missing)?);
            }
        }
        for statement in self.statements(transaction.get_database_backend(), values)? {
            transaction.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// The statements that write these values, row after row.
    fn statements(&self, backend: DbBackend, values: Vec<Value>) -> Result<Vec<Statement>, DbErr> {
        let Self {
            insert,
            fields,
            conflict,
            width,
        } = self;
        if values.is_empty() {
            return Ok(Vec::new());
        }
        if backend == DbBackend::Postgres {
            let sql = format!(
                "{insert} SELECT * FROM json_to_recordset(CAST($1 AS json)) AS \"given\"({fields}) {conflict}"
            );
            let document = [Value::from(document(&values, *width)?)];
            return Ok(vec![Statement::from_sql_and_values(backend, sql, document)]);
        }
        let row = format!("(?{})", ", ?".repeat(width - 1));
        let at_once = MOST_PARAMETERS / width * width;
        let mut values = values.into_iter();
        let mut statements = Vec::new();
        while values.len() > 0 {
            let values: Vec<_> = values.by_ref().take(at_once).collect();
            let rows = vec![&*row; values.len() / width].join(", ");
            let sql = format!("{insert} VALUES {rows} {conflict}");
            statements.push(Statement::from_sql_and_values(backend, sql, values));
        }
        Ok(statements)
    }
}

/// The rows as JSON, the fields of each under the places of their columns; what is null is left out.
fn document(values: &[Value], width: usize) -> Result<String, DbErr> {
    let rows: Vec<_> = values.chunks(width).map(Record).collect();
    serde_json::to_string(&rows).map_err(|error| DbErr::Json(error.to_string()))
}

fn postgres_type(column: &ColumnType) -> &'static str {
    match column {
        ColumnType::Uuid => "uuid",
        ColumnType::Boolean => "boolean",
        ColumnType::Integer => "integer",
        ColumnType::BigInteger => "bigint",
        ColumnType::TimestampWithTimeZone => "timestamptz",
        ColumnType::Json | ColumnType::JsonBinary => "jsonb",
        // PostgreSQL does not put text into a column of another type: a type that is missing here is noticed at once.
        _ => "text",
    }
}

struct Record<'a>(&'a [Value]);

struct Field<'a>(&'a Value);

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (place, value) in self.0.iter().enumerate() {
            if !is_null(value) {
                map.serialize_entry(&place, &Field(value))?;
            }
        }
        map.end()
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::String(Some(text)) => text.serialize(serializer),
            Value::Uuid(Some(id)) => id.serialize(serializer),
            Value::Bool(Some(flag)) => flag.serialize(serializer),
            Value::Int(Some(number)) => number.serialize(serializer),
            Value::BigInt(Some(number)) => number.serialize(serializer),
            Value::ChronoDateTimeUtc(Some(time)) => time.serialize(serializer),
            Value::Json(Some(json)) => json.serialize(serializer),
            _ => Err(S::Error::custom(
                "a column of a kind that is not written in bulk",
            )),
        }
    }
}

fn is_null(value: &Value) -> bool {
    matches!(
        value,
        Value::String(None)
            | Value::Uuid(None)
            | Value::Bool(None)
            | Value::Int(None)
            | Value::BigInt(None)
            | Value::ChronoDateTimeUtc(None)
            | Value::Json(None)
    )
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::{payment, quarantined_object::Entity as Quarantined};
    use sea_orm::ActiveEnum;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_document_holds_each_value_so_that_postgresql_reads_the_same() {
        let time = DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap();
        let values = [
            Value::from(Uuid::nil()),
            Value::from("a \"b\" \\ \u{1}\n😀".to_owned()),
            Value::from(i64::MIN),
            Value::from(7_i32),
            Value::from(true),
            Value::from(time),
            Value::from(json!({ "a": [null] })),
            Value::from(Option::<String>::None),
            payment::Status::RequiresCapture.to_value().into(),
        ];

        let document = document(&values, values.len()).unwrap();

        assert_eq!(
            document,
            r#"[{"0":"00000000-0000-0000-0000-000000000000","1":"a \"b\" \\ \u0001\n😀","2":-9223372036854775808,"3":7,"4":true,"5":"2023-11-14T22:13:20.000001Z","6":{"a":[null]},"8":"requires_capture"}]"#
        );
    }

    #[test]
    fn a_kind_of_value_that_is_not_known_is_an_error() {
        assert!(document(&[Value::from(1.5_f64)], 1).is_err());
        assert!(document(&[Value::Double(None)], 1).is_err());
    }

    #[test]
    fn no_statement_has_more_parameters_than_sqlite_takes() {
        let bulk = Bulk::of::<Quarantined>(&["stripe_id"]);
        let values = vec![Value::from(1); bulk.width * 5_000];

        let statements = bulk.statements(DbBackend::Sqlite, values.clone()).unwrap();

        let counts = statements.iter().map(|statement| {
            let values = statement.values.as_ref().unwrap().0.len();
            assert_eq!(statement.sql.matches('?').count(), values);
            values
        });
        let counts: Vec<_> = counts.collect();
        assert!(counts.iter().all(|count| *count <= MOST_PARAMETERS));
        assert!(counts.iter().all(|count| count.is_multiple_of(bulk.width)));
        assert_eq!(counts.iter().sum::<usize>(), values.len());
        assert!(
            bulk.statements(DbBackend::Sqlite, Vec::new())
                .unwrap()
                .is_empty()
        );
    }
}
