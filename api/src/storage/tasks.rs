//! What is done for a connection by one process at a time: claimed by lease, written under its fence.

use chrono::{DateTime, Utc};
use entity::connection_task::{Column, Entity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, JoinType,
    QueryFilter, QuerySelect, RelationTrait,
    sea_query::{Alias, Expr, ExprTrait, IntoCondition, OnConflict},
};
use uuid::Uuid;

use super::{Claim, ConnectionStatus, StorageError, Store, TaskKind, TaskRow};
use crate::ids::{ConnectionId, WorkspaceId};

impl Store {
    /// Claims a connection's task, which need not exist before; none where another process holds it.
    pub async fn claim_task(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        kind: TaskKind,
        claim: Claim,
    ) -> Result<Option<TaskRow>, StorageError> {
        let row = TaskRow {
            lease_owner: Some(claim.owner),
            lease_until: Some(claim.until),
            ..new_task(workspace, connection, kind, claim.now)
        };
        let id = row.id;
        let mut taken = OnConflict::column(Column::Id);
        taken
            .update_columns([Column::LeaseOwner, Column::LeaseUntil])
            .value(Column::Fence, Expr::col((Entity, Column::Fence)).add(1))
            .action_and_where(
                Expr::col((Entity, Column::LeaseUntil))
                    .is_null()
                    .or(Expr::col((Entity, Column::LeaseUntil)).lt(claim.now)),
            );
        let transaction = self.begin().await?;
        let claimed = Entity::insert(row.into_active_model())
            .on_conflict(taken)
            .exec_without_returning(&transaction)
            .await?;
        let row = if claimed > 0 {
            Entity::find_by_id(id).one(&transaction).await?
        } else {
            None
        };
        transaction.commit().await?;
        Ok(row)
    }

    /// Makes a claim last longer; `LeaseLost` where somebody else holds it by now.
    pub async fn renew_task(
        &self,
        task: &TaskRow,
        until: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let renewed = Entity::update_many().col_expr(Column::LeaseUntil, Expr::value(until));
        held(&self.writer, task, renewed).await
    }

    /// Gives a claimed task back, to be done again at `run_at`, or sooner where something was found missing meanwhile.
    pub async fn release_task(
        &self,
        task: &TaskRow,
        run_at: DateTime<Utc>,
        attempts: i32,
    ) -> Result<(), StorageError> {
        let released = Entity::update_many()
            .col_expr(Column::RunAt, run_at_unless_wanted(task, run_at))
            .col_expr(Column::Attempts, Expr::value(attempts))
            .col_expr(
                Column::LeaseUntil,
                Expr::value(Option::<DateTime<Utc>>::None),
            );
        held(&self.writer, task, released).await
    }

    /// Notes that events since a moment may be missing, and that they are to be looked for at `run_at`.
    pub async fn want_recovery(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        since: DateTime<Utc>,
        run_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let row = TaskRow {
            since_at: Some(since),
            ..new_task(workspace, connection, TaskKind::Recover, run_at)
        };
        let excluded = |column| Expr::col((Alias::new("excluded"), column));
        let stored = |column| Expr::col((Entity, column));
        let earlier = |column| {
            Expr::case(
                stored(column)
                    .is_null()
                    .or(excluded(column).lt(stored(column))),
                excluded(column),
            )
            .finally(stored(column))
        };
        let mut known = OnConflict::column(Column::Id);
        known
            .value(Column::SinceAt, earlier(Column::SinceAt))
            .value(Column::RunAt, earlier(Column::RunAt));
        Entity::insert(row.into_active_model())
            .on_conflict(known)
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }

    /// Notes that everything until `through` was seen that a task looks for, and when to look next. What was found
    /// missing meanwhile stays to be looked for.
    pub async fn finish_task(
        &self,
        task: &TaskRow,
        through: Option<DateTime<Utc>>,
        next: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let done = Entity::update_many()
            .col_expr(
                Column::ThroughAt,
                match through {
                    Some(through) => Expr::value(through),
                    None => Expr::col(Column::ThroughAt),
                },
            )
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(
                Column::LeaseUntil,
                Expr::value(Option::<DateTime<Utc>>::None),
            )
            .col_expr(Column::RunAt, run_at_unless_wanted(task, next))
            .col_expr(
                Column::SinceAt,
                Expr::case(unchanged(task), Expr::value(Option::<DateTime<Utc>>::None))
                    .finally(Expr::col(Column::SinceAt))
                    .into(),
            );
        held(&self.writer, task, done).await
    }

    /// Until when every event of a connection was seen; none where nobody looked yet, or something may be missing.
    pub async fn find_recovered_through(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Option<DateTime<Utc>>, StorageError> {
        let query = Entity::find_by_id(task_id(connection, TaskKind::Recover))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::SinceAt.is_null());
        let found = query.one(&self.reader).await?;
        Ok(found.and_then(|task| task.through_at))
    }

    /// Connections of any workspace whose recovery is due: the worker serves them all. One that was imported and never
    /// looked at is due.
    pub async fn list_due_recoveries(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        use entity::connection;
        let recoveries = entity::connection_task::Relation::Connection.def().rev();
        let recoveries = recoveries.on_condition(|_, task| {
            Expr::col((task, Column::Kind))
                .eq(TaskKind::Recover)
                .into_condition()
        });
        let never = Column::Id
            .is_null()
            .and(connection::Column::SyncedThrough.is_not_null());
        let due = Column::RunAt
            .lte(now)
            .and(Column::LeaseUntil.is_null().or(Column::LeaseUntil.lt(now)));
        let query = connection::Entity::find()
            .select_only()
            .column(connection::Column::WorkspaceId)
            .column(connection::Column::Id)
            .join(JoinType::LeftJoin, recoveries)
            .filter(connection::Column::Status.ne(ConnectionStatus::Disconnected))
            .filter(never.or(due));
        self.list_owners(query).await
    }

    /// Makes every recovery due that is not under way: a process starts, and may have missed something.
    pub async fn hasten_recoveries(&self, now: DateTime<Utc>) -> Result<(), StorageError> {
        Entity::update_many()
            .col_expr(Column::RunAt, Expr::value(now))
            .filter(Column::Kind.eq(TaskKind::Recover))
            .filter(Column::RunAt.gt(now))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}

/// Holds a task for the rest of a transaction; `LeaseLost` where somebody else holds it by now.
pub(super) async fn hold(
    transaction: &DatabaseTransaction,
    task: &TaskRow,
) -> Result<(), StorageError> {
    let same = Entity::update_many().col_expr(Column::Fence, Expr::col(Column::Fence));
    held(transaction, task, same).await
}

async fn held(
    connection: &impl ConnectionTrait,
    task: &TaskRow,
    update: sea_orm::UpdateMany<Entity>,
) -> Result<(), StorageError> {
    let done = update
        .filter(Column::Id.eq(task.id))
        .filter(Column::Fence.eq(task.fence))
        .filter(Column::LeaseUntil.is_not_null())
        .exec(connection)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(StorageError::LeaseLost)
    }
}

/// Whether nothing more was found missing since the task was claimed.
fn unchanged(task: &TaskRow) -> sea_orm::Condition {
    let same = match task.since_at {
        Some(since) => Column::SinceAt.eq(since),
        None => Column::SinceAt.is_null(),
    };
    sea_orm::Condition::all().add(same)
}

/// A new time for a task, unless something was found missing meanwhile: that has a time of its own.
fn run_at_unless_wanted(task: &TaskRow, run_at: DateTime<Utc>) -> Expr {
    Expr::case(unchanged(task), Expr::value(run_at))
        .finally(Expr::col(Column::RunAt))
        .into()
}

fn task_id(connection: ConnectionId, kind: TaskKind) -> Uuid {
    let name: &[u8] = match kind {
        TaskKind::Apply => b"apply",
        TaskKind::Recover => b"recover",
        TaskKind::Payouts => b"payouts",
        TaskKind::Fees => b"fees",
        TaskKind::Relist => b"relist",
        TaskKind::RollUp => b"roll_up",
        TaskKind::Tell => b"tell",
    };
    Uuid::new_v5(&connection.0, name)
}

fn new_task(
    workspace: WorkspaceId,
    connection: ConnectionId,
    kind: TaskKind,
    run_at: DateTime<Utc>,
) -> TaskRow {
    TaskRow {
        id: task_id(connection, kind),
        workspace_id: workspace.0,
        connection_id: connection.0,
        kind,
        run_at,
        since_at: None,
        through_at: None,
        attempts: 0,
        lease_owner: None,
        lease_until: None,
        fence: 1,
    }
}
