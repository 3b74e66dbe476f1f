//! Rows by their ids.

use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

/// The rows of these ids that are of this workspace. Takes the column of the workspace, then that of the ids.
pub(super) fn named<C: ColumnTrait>(
    workspace: (C, Uuid),
    (id, ids): (C, impl IntoIterator<Item = Uuid>),
) -> Condition {
    Condition::all()
        .add(id.is_in(ids))
        .add(own(workspace.0, workspace.1))
}

/// Whether a row is of this workspace, said so that no index of workspaces serves, for rows that ids find. Both databases
/// would take it instead, and go through all payments of the workspace: SQLite guesses that a workspace has ten rows, and
/// PostgreSQL that a new one has few, until it has counted.
pub(super) fn own<C: ColumnTrait>(column: C, workspace: Uuid) -> Expr {
    // `IS NOT DISTINCT FROM` would not do: SQLite's indexes serve it, and so do PostgreSQL's from version 19 on.
    column.eq(workspace).is(Expr::Constant(true.into()))
}

#[cfg(test)]
mod tests {
    use entity::payment::{Column, Entity};
    use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryTrait};

    use super::*;
    use crate::storage::{DatabaseOptions, Store};

    fn of_fifty(backend: DbBackend) -> sea_orm::Statement {
        let workspace = (Column::WorkspaceId, Uuid::nil());
        let ids = (0..50).map(Uuid::from_u128);
        let query = Entity::find().filter(named(workspace, (Column::Id, ids)));
        query.build(backend)
    }

    #[tokio::test]
    async fn sqlite_finds_them_by_their_ids() {
        let folder = tempfile::tempdir().unwrap();
        let options = DatabaseOptions::in_folder(&folder);
        let store = Store::open(&options).await.unwrap();
        store.migrate().await.unwrap();
        let mut statement = of_fifty(DbBackend::Sqlite);
        statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");

        let plan = store.reader.query_all_raw(statement).await.unwrap();

        let steps = plan.iter().map(|row| row.try_get("", "detail").unwrap());
        let steps: Vec<String> = steps.collect();
        assert!(steps[0].contains("(id=?)"), "{steps:?}");
        store.close().await.unwrap();
    }

    #[test]
    fn postgres_is_asked_for_them_by_their_ids() {
        let sql = of_fifty(DbBackend::Postgres).sql;

        let end = r#") AND ("payments"."workspace_id" = $51) IS TRUE"#;
        assert!(sql.ends_with(end), "{sql}");
    }
}
