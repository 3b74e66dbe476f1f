//! Payments that are to be told of. A transaction that changes payments marks them where somebody wants to know; a
//! worker makes messages of the marks of a few seconds.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    connection_task,
    notification_mark::{ActiveModel, Column, Entity},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    outbox::{Happening, tell},
    told::Told,
};
use crate::{
    ids::{ConnectionId, PaymentId, WorkspaceId, node_id},
    storage::{NotificationType, StorageError, Store, TaskKind, TaskRow, tasks},
};

/// More marks are not read at once.
const MARKS_AT_ONCE: u64 = 2_000;

/// Bytes of an id.
const ID: usize = 16;

/// Marks payments of a workspace's connection that a transaction changes, where somebody wants to know.
pub(in crate::storage) async fn note(
    transaction: &DatabaseTransaction,
    told: &Told,
    (workspace, connection): (Uuid, Uuid),
    payments: &[PaymentId],
) -> Result<(), StorageError> {
    if payments.is_empty() || !told.wants(workspace) {
        return Ok(());
    }
    let ids: BTreeSet<&Uuid> = payments.iter().map(|payment| &payment.0).collect();
    let bytes = ids.into_iter().flat_map(|id| *id.as_bytes()).collect();
    write(transaction, (workspace, connection), Some(bytes)).await
}

/// Marks that any payment of a connection may have changed.
pub(in crate::storage) async fn note_any(
    transaction: &DatabaseTransaction,
    told: &Told,
    (workspace, connection): (Uuid, Uuid),
) -> Result<(), StorageError> {
    if !told.wants(workspace) {
        return Ok(());
    }
    write(transaction, (workspace, connection), None).await
}

async fn write(
    transaction: &DatabaseTransaction,
    (workspace, connection): (Uuid, Uuid),
    payments: Option<Vec<u8>>,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        id: NotSet,
        workspace_id: Set(workspace),
        connection_id: Set(connection),
        payments: Set(payments),
    };
    Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

impl Store {
    /// Connections of any workspace with payments to be told of, except those that rest or are served.
    pub async fn list_connections_to_tell(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        let resting = connection_task::Entity::find()
            .select_only()
            .column(connection_task::Column::Id)
            .filter(connection_task::Column::Kind.eq(TaskKind::Tell))
            .filter(
                connection_task::Column::RunAt
                    .gt(now)
                    .or(connection_task::Column::LeaseUntil.gte(now)),
            )
            .filter(
                Expr::col((
                    connection_task::Entity,
                    connection_task::Column::ConnectionId,
                ))
                .equals((Entity, Column::ConnectionId)),
            );
        let query = Entity::find()
            .select_only()
            .column(Column::WorkspaceId)
            .column(Column::ConnectionId)
            .distinct()
            .filter(Expr::exists(resting.into_query()).not());
        self.list_owners(query).await
    }

    /// Makes a message of a connection's marks, and deletes them: all or nothing, and nothing where the claim was lost.
    /// Of more than `most` payments it says that the list is to be read again.
    pub async fn tell_changes(
        &self,
        task: &TaskRow,
        most: usize,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let transaction = self.begin().await?;
        tasks::hold(&transaction, task).await?;
        let marks = Entity::find()
            .filter(Column::WorkspaceId.eq(task.workspace_id))
            .filter(Column::ConnectionId.eq(task.connection_id))
            .order_by_asc(Column::Id)
            .limit(MARKS_AT_ONCE)
            .all(&transaction)
            .await?;
        let Some(last) = marks.last() else {
            return Ok(());
        };
        let mut payments = BTreeSet::new();
        let mut every = true;
        for mark in &marks {
            match &mark.payments {
                Some(ids) if payments.len() <= most => payments.extend(read(ids)),
                _ => every = false,
            }
        }
        let every = every && payments.len() <= most;
        let told = payments.iter().filter(|_| every);
        let told: Vec<String> = told.map(|id| node_id(PaymentId(*id))).collect();
        let happening = Happening {
            workspace: task.workspace_id,
            connection: task.connection_id,
            event_type: NotificationType::PaymentsChanged,
            name: last.id.to_string(),
            data: json!({
                "connectionId": node_id(ConnectionId(task.connection_id)),
                "paymentIds": told,
                "resync": !every,
            }),
            at,
        };
        tell(&transaction, Some(happening)).await?;
        Entity::delete_many()
            .filter(Column::Id.is_in(marks.iter().map(|mark| mark.id)))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

fn read(ids: &[u8]) -> impl Iterator<Item = Uuid> {
    ids.chunks_exact(ID)
        .filter_map(|id| Uuid::from_slice(id).ok())
}
