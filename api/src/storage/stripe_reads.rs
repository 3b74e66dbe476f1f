//! What is read of each account a day.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    payment,
    stripe_reads::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{StorageError, Store};
use crate::ids::{ConnectionId, WorkspaceId};

/// Reads of one connection in one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadsOfDay {
    /// Whose connection.
    pub workspace: WorkspaceId,
    /// The connection.
    pub connection: ConnectionId,
    /// The day (UTC).
    pub day: NaiveDate,
    /// How many.
    pub reads: i64,
}

impl Store {
    /// Adds to what was read, in one statement; each connection and day at most once.
    pub async fn add_stripe_reads(&self, more: &[ReadsOfDay]) -> Result<(), StorageError> {
        if more.is_empty() {
            return Ok(());
        }
        let mut rows: Vec<_> = more.iter().map(row).collect();
        // In the order of their ids, in which all writers lock them.
        rows.sort_unstable_by_key(|row| row.id);
        let mut known = OnConflict::column(Column::Id);
        known.value(
            Column::Reads,
            Expr::col((Entity, Column::Reads))
                .add(Expr::col((Alias::new("excluded"), Column::Reads))),
        );
        Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
            .on_conflict(known)
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }

    /// What was read of a connection's account since a day, by day, the oldest first; days without reads are left out.
    pub async fn list_stripe_reads(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        since: NaiveDate,
    ) -> Result<Vec<(NaiveDate, i64)>, StorageError> {
        let query = Entity::find()
            .select_only()
            .column(Column::Day)
            .column(Column::Reads)
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(Column::Day.gte(since))
            .order_by_asc(Column::Day);
        Ok(query.into_tuple().all(&self.reader).await?)
    }

    /// Forgets what was read before a day, of all connections: upkeep serves them all.
    pub async fn prune_stripe_reads(&self, before: NaiveDate) -> Result<(), StorageError> {
        Entity::delete_many()
            .filter(Column::Day.lt(before))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// How many payments of a connection were made since a time.
    pub async fn count_payments_since(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        since: DateTime<Utc>,
    ) -> Result<u64, StorageError> {
        use payment::{Column, Entity};
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(Column::CreatedAt.gte(since));
        Ok(query.count(&self.reader).await?)
    }
}

fn row(reads: &ReadsOfDay) -> Model {
    let connection = reads.connection.0;
    Model {
        id: Uuid::new_v5(&connection, reads.day.to_string().as_bytes()),
        workspace_id: reads.workspace.0,
        connection_id: connection,
        day: reads.day,
        reads: reads.reads,
    }
}
