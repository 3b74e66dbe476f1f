//! Rows by their ids.

use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{BinOper, Expr, ExprTrait},
};
use uuid::Uuid;

/// The rows of these ids that are of this workspace; the columns are that of the workspace and that of the ids. Nothing but
/// the ids finds them: PostgreSQL, which does not know for a while how many rows a new workspace has, takes them to be
/// few, and would rather go through all of them by an index of workspaces.
pub(super) fn named<C: ColumnTrait>(
    (of, workspace): (C, Uuid),
    (id, ids): (C, impl IntoIterator<Item = Uuid>),
) -> Condition {
    // An index serves `=`, and not this.
    let is = BinOper::Custom("IS NOT DISTINCT FROM");
    let own = Expr::col(of.as_column_ref()).binary(is, Expr::val(workspace));
    Condition::all().add(id.is_in(ids)).add(own)
}

#[cfg(test)]
mod tests {
    use entity::payment::{Column, Entity};
    use sea_orm::{DbBackend, EntityTrait, QueryFilter, QueryTrait};

    use super::*;

    #[test]
    fn no_index_of_workspaces_serves() {
        let workspace = (Column::WorkspaceId, Uuid::nil());
        let query = Entity::find().filter(named(workspace, (Column::Id, [Uuid::max()])));

        let statement = query.build(DbBackend::Postgres);

        let condition = statement.sql.split(" WHERE ").nth(1);
        assert_eq!(
            condition,
            Some(
                r#""payments"."id" IN ($1) AND "payments"."workspace_id" IS NOT DISTINCT FROM $2"#
            )
        );
    }
}
