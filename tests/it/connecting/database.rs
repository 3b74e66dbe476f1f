//! The database of a test, looked at and meddled with from outside.

use sea_orm::{ConnectionTrait, DatabaseBackend, QueryResult, Statement};
use tests::World;

async fn query(world: &World, sql: &str) -> Vec<QueryResult> {
    let database = world.database().await;
    let statement = Statement::from_string(database.get_database_backend(), sql);
    database.query_all_raw(statement).await.unwrap()
}

/// Runs a statement.
pub(crate) async fn execute(world: &World, sql: &str) -> u64 {
    let database = world.database().await;
    let done = database.execute_unprepared(sql).await.unwrap();
    done.rows_affected()
}

/// How many rows there are: `count(world, "connections WHERE livemode")`.
pub(crate) async fn count(world: &World, of: &str) -> i64 {
    let rows = query(world, &format!("SELECT COUNT(*) AS many FROM {of}")).await;
    rows[0].try_get("", "many").unwrap()
}

/// A query's rows, each of as many texts as there are columns named.
pub(crate) async fn texts<const N: usize>(
    world: &World,
    columns: [&str; N],
    rest: &str,
) -> Vec<[String; N]> {
    let named = columns.iter().enumerate();
    let named: Vec<_> = named
        .map(|(at, column)| format!("{column} AS c{at}"))
        .collect();
    let rows = query(world, &format!("SELECT {} FROM {rest}", named.join(", "))).await;
    let text = |row: &QueryResult, at: usize| {
        let value: Option<String> = row.try_get("", &format!("c{at}")).unwrap();
        value.unwrap_or_default()
    };
    rows.iter()
        .map(|row| std::array::from_fn(|at| text(row, at)))
        .collect()
}

/// How a statement writes an id as clients see it, without its prefix.
pub(crate) fn hex(world: &World, column: &str) -> String {
    if is_sqlite(world) {
        format!("lower(hex({column}))")
    } else {
        format!("replace({column}::text, '-', '')")
    }
}

pub(crate) fn is_sqlite(world: &World) -> bool {
    world.database_url().starts_with("sqlite:")
}

/// How much there is of all that connecting writes: two that are equal mean that nothing was stored in between.
pub(crate) async fn stored(world: &World) -> Vec<(&'static str, i64)> {
    let tables = [
        "connections",
        "imports",
        "import_windows",
        "audit_log",
        "api_tokens",
        "payments",
    ];
    let mut stored = Vec::new();
    for table in tables {
        stored.push((table, count(world, table).await));
    }
    stored
}

/// Everything at rest: SQLite's files as they are, PostgreSQL's rows as text, bytes in hexadecimal.
pub(crate) async fn at_rest(world: &World) -> Vec<u8> {
    if is_sqlite(world) {
        return files(&world.database_url());
    }
    let database = world.database().await;
    assert_eq!(database.get_database_backend(), DatabaseBackend::Postgres);
    let tables = "information_schema.tables WHERE table_schema = 'public'";
    let mut all = String::new();
    for [table] in texts(world, ["table_name::text"], tables).await {
        for [row] in texts(world, ["t::text"], &format!("\"{table}\" t")).await {
            all.push_str(&row);
            all.push('\n');
        }
    }
    all.into_bytes()
}

/// SQLite's files as they are, those of what is not written back yet too.
pub(crate) fn files(url: &str) -> Vec<u8> {
    let path = url
        .strip_prefix("sqlite://")
        .unwrap()
        .split_once('?')
        .unwrap()
        .0
        .to_owned();
    ["", "-wal", "-shm", "-journal"]
        .iter()
        .filter_map(|ending| std::fs::read(format!("{path}{ending}")).ok())
        .flatten()
        .collect()
}

/// Whether a text is anywhere in what is at rest, as it is or in hexadecimal.
pub(crate) fn holds(haystack: &[u8], needle: &str) -> bool {
    let hex: String = needle
        .bytes()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    [needle, &hex].iter().any(|needle| {
        haystack
            .windows(needle.len())
            .any(|part| part == needle.as_bytes())
    })
}
