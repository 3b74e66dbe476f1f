//! Deleting a connection's imported data, a batch at a time, so that it can be taken up again at any point.

use chrono::{DateTime, Utc};
use entity::{
    balance_transaction, connection, dispute, inbox_event, payment, payout_link,
    quarantined_object, reference, refund, stripe_object,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr,
};

use super::{ConnectionRow, StorageError, Store, notifications, stats};
use crate::ids::{ConnectionId, WorkspaceId};

/// Deletes at most `$limit` rows of a table that belong to a connection and were known at a time.
macro_rules! delete_some {
    ($connection:expr, $entity:ident, $known_at:ident, $of:expr) => {{
        use $entity::{Column, Entity};
        let (workspace, connection, until, limit) = $of;
        let some = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(Column::$known_at.lt(until))
            // In the order of their ids, in which all writers lock them.
            .order_by_asc(Column::Id)
            .limit(limit)
            .lock_exclusive();
        Entity::delete_many()
            .filter(Column::Id.in_subquery(some.into_query()))
            .exec($connection)
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

    /// Deletes at most `limit` rows of each table; returns how many went. What was observed since the deletion was asked
    /// for stays: the account was connected again.
    pub async fn purge_some(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        until: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StorageError> {
        let of = (workspace, connection, until, limit);
        let writer = &self.writer;
        Ok(self.purge_payments(of).await?
            + delete_some!(writer, balance_transaction, ObservedAt, of)
            + delete_some!(writer, stripe_object, ObservedAt, of)
            + delete_some!(writer, reference, ObservedAt, of)
            + delete_some!(writer, payout_link, ObservedAt, of)
            + delete_some!(writer, quarantined_object, ObservedAt, of)
            + delete_some!(writer, inbox_event, ReceivedAt, of))
    }

    /// Payments and what hangs on them go together with a mark: no sum counts them any more.
    async fn purge_payments(
        &self,
        of: (WorkspaceId, ConnectionId, DateTime<Utc>, u64),
    ) -> Result<u64, StorageError> {
        let (workspace, connection, until, _) = of;
        let transaction = self.begin().await?;
        let gone = delete_some!(&transaction, payment, ObservedAt, of)
            + delete_some!(&transaction, refund, ObservedAt, of)
            + delete_some!(&transaction, dispute, ObservedAt, of);
        if gone > 0 {
            let mark = stats::everything(workspace, connection, until);
            stats::write(&transaction, Some(mark)).await?;
            let owner = (workspace.0, connection.0);
            notifications::note_any(&transaction, &self.told, owner).await?;
        }
        transaction.commit().await?;
        Ok(gone)
    }

    /// Notes that nothing is left to delete of what was asked for at a time.
    pub async fn finish_purge(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        asked_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        use connection::{Column, Entity};
        Entity::update_many()
            .col_expr(
                Column::PurgeRequestedAt,
                Expr::value(Option::<DateTime<Utc>>::None),
            )
            .filter(Column::Id.eq(connection.0))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::PurgeRequestedAt.eq(asked_at))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}
