//! Deleting a connection's imported data, a batch at a time, so that it can be taken up again at any point.

use entity::{
    balance_transaction, connection, dispute, payment, quarantined_object, refund, stripe_object,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr};

use super::{ConnectionRow, StorageError, Store};
use crate::ids::{ConnectionId, WorkspaceId};

/// Deletes at most `$limit` rows of a table that belong to a connection.
macro_rules! delete_some {
    ($store:expr, $entity:ident, $workspace:expr, $connection:expr, $limit:expr) => {{
        use $entity::{Column, Entity};
        let some = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::WorkspaceId.eq($workspace.0))
            .filter(Column::ConnectionId.eq($connection.0))
            .limit($limit);
        Entity::delete_many()
            .filter(Column::Id.in_subquery(some.into_query()))
            .exec(&$store.writer)
            .await?
            .rows_affected
    }};
}

impl Store {
    /// Connections of any workspace whose data is to be deleted: the worker serves them all.
    pub async fn list_purges(&self) -> Result<Vec<ConnectionRow>, StorageError> {
        let query =
            connection::Entity::find().filter(connection::Column::PurgeRequestedAt.is_not_null());
        Ok(query.all(&self.reader).await?)
    }

    /// Deletes at most `limit` rows of each table; returns how many went.
    pub async fn purge_some(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        limit: u64,
    ) -> Result<u64, StorageError> {
        Ok(delete_some!(self, payment, workspace, connection, limit)
            + delete_some!(self, refund, workspace, connection, limit)
            + delete_some!(self, dispute, workspace, connection, limit)
            + delete_some!(self, balance_transaction, workspace, connection, limit)
            + delete_some!(self, stripe_object, workspace, connection, limit)
            + delete_some!(self, quarantined_object, workspace, connection, limit))
    }

    /// Notes that nothing is left to delete.
    pub async fn finish_purge(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<(), StorageError> {
        use connection::{Column, Entity};
        Entity::update_many()
            .col_expr(
                Column::PurgeRequestedAt,
                Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None),
            )
            .filter(Column::Id.eq(connection.0))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}
