//! Which connections have something to be asked about that no event tells.

use chrono::{DateTime, Utc};
use entity::{
    connection,
    connection_task::{Column, Relation},
    payment, payout_link,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, RelationTrait,
    sea_query::{Expr, ExprTrait, IntoCondition},
};
use uuid::Uuid;

use super::{ConnectionStatus, PageRows, StorageError, Store, TaskKind, TaskRow, tasks, upsert};
use crate::ids::{ConnectionId, PaymentId, WorkspaceId};

/// A span of creation times: after the first, until the second.
pub type CreatedSpan = (DateTime<Utc>, DateTime<Utc>);

/// A payment whose fee is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwaitingFee {
    /// The payment.
    pub id: PaymentId,
    /// When it was created at Stripe.
    pub created_at: DateTime<Utc>,
}

impl Store {
    /// Connections of any workspace with payouts whose lists are due: the worker serves them all.
    pub async fn list_connections_to_link(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        let due = payout_link::Entity::find()
            .select_only()
            .column(payout_link::Column::Id)
            .filter(payout_link::Column::RunAt.lte(now))
            .filter(
                Expr::col((payout_link::Entity, payout_link::Column::ConnectionId))
                    .equals((connection::Entity, connection::Column::Id)),
            );
        let wanted = Expr::exists(due.into_query()).into_condition();
        self.list_due(TaskKind::Payouts, now, wanted).await
    }

    /// Connections of any workspace with payments of a span whose fees are not known.
    pub async fn list_connections_awaiting_fees(
        &self,
        (after, until): CreatedSpan,
        now: DateTime<Utc>,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        let awaiting = payment::Entity::find()
            .select_only()
            .column(payment::Column::Id)
            .filter(awaits_fee())
            .filter(payment::Column::CreatedAt.gt(after))
            .filter(payment::Column::CreatedAt.lte(until))
            .filter(
                Expr::col((payment::Entity, payment::Column::ConnectionId))
                    .equals((connection::Entity, connection::Column::Id)),
            );
        let wanted = Expr::exists(awaiting.into_query()).into_condition();
        self.list_due(TaskKind::Fees, now, wanted).await
    }

    /// Connections of any workspace that are imported and whose lists are to be read again.
    pub async fn list_connections_to_relist(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        let imported = connection::Column::SyncedThrough.is_not_null();
        self.list_due(TaskKind::Relist, now, imported.into_condition())
            .await
    }

    /// Connections as wanted whose task is due, or was never done.
    async fn list_due(
        &self,
        kind: TaskKind,
        now: DateTime<Utc>,
        wanted: Condition,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        let tasks = Relation::Connection.def().rev();
        let tasks = tasks
            .on_condition(move |_, task| Expr::col((task, Column::Kind)).eq(kind).into_condition());
        let due = Column::RunAt
            .lte(now)
            .and(Column::LeaseUntil.is_null().or(Column::LeaseUntil.lt(now)));
        let query = connection::Entity::find()
            .select_only()
            .column(connection::Column::WorkspaceId)
            .column(connection::Column::Id)
            .join(JoinType::LeftJoin, tasks)
            .filter(connection::Column::Status.ne(ConnectionStatus::Disconnected))
            .filter(Column::Id.is_null().or(due))
            .filter(wanted);
        self.list_owners(query).await
    }

    /// A connection's payments of these spans whose fees are not known, created at or before a time, newest first.
    pub async fn list_awaiting_fees(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        spans: &[CreatedSpan],
        until: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<AwaitingFee>, StorageError> {
        use payment::Column;
        let within = spans
            .iter()
            .fold(Condition::any(), |within, (after, until)| {
                within.add(
                    Column::CreatedAt
                        .gt(*after)
                        .and(Column::CreatedAt.lte(*until)),
                )
            });
        let query = payment::Entity::find()
            .select_only()
            .columns([Column::Id, Column::CreatedAt])
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(awaits_fee())
            .filter(Column::CreatedAt.lte(until))
            .filter(within)
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(limit);
        let found: Vec<(Uuid, DateTime<Utc>)> = query.into_tuple().all(&self.writer).await?;
        Ok(found
            .into_iter()
            .map(|(id, created_at)| AwaitingFee {
                id: PaymentId(id),
                created_at,
            })
            .collect())
    }

    /// Writes rows that a connection's task brought, or nothing at all where the claim was lost. Returns the payments
    /// that were there and were filled in.
    pub async fn write_rows(
        &self,
        task: &TaskRow,
        rows: PageRows,
    ) -> Result<Vec<PaymentId>, StorageError> {
        let transaction = self.begin().await?;
        tasks::hold(&transaction, task).await?;
        let filled = upsert::page(&transaction, &self.told, rows).await?;
        transaction.commit().await?;
        Ok(filled)
    }
}

/// As the partial index has it: a parameter in its place would not be seen to fit.
fn awaits_fee() -> Expr {
    Expr::cust("\"payments\".\"status\" = 'succeeded' AND \"payments\".\"fee_minor\" IS NULL")
}
