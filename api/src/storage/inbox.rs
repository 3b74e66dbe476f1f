//! The inbox of live events: stored before they are acknowledged, settled in the transaction of what they tell.

use chrono::{DateTime, Utc};
use entity::inbox_event::{Column, Entity};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    ImportTrigger, InboxEventRow, InboxEventState, PageRows, StorageError, Store, TaskRow, imports,
    named::named, tasks, upsert,
};
use crate::ids::{ConnectionId, InboxEventId, PaymentId, WorkspaceId};

/// What became of some events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventOutcome {
    /// What they tell, or something newer, is stored.
    Applied,
    /// Nothing here is interested in them, for the reason given.
    Ignored(&'static str),
    /// To be tried again.
    Later {
        /// When.
        run_at: DateTime<Utc>,
        /// Whether it counts as a failed try.
        failed: bool,
        /// Why.
        reason: &'static str,
    },
    /// Given up, for the reason given.
    Dead(&'static str),
}

/// Events with what became of them.
pub type Settled = (Vec<InboxEventId>, EventOutcome);

/// How many events of a connection are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboxCounts {
    /// Waiting to be applied.
    pub pending: u64,
    /// Given up.
    pub dead: u64,
}

impl Store {
    /// Stores events that are not there yet: one statement, durable when this returns.
    pub async fn insert_events(&self, mut events: Vec<InboxEventRow>) -> Result<u64, StorageError> {
        if events.is_empty() {
            return Ok(0);
        }
        // In the order of their ids, in which all writers lock them.
        events.sort_unstable_by_key(|event| event.id);
        let known = OnConflict::column(Column::Id).do_nothing().to_owned();
        let inserted =
            Entity::insert_many(events.into_iter().map(IntoActiveModel::into_active_model))
                .on_conflict(known)
                .exec_without_returning(&self.writer)
                .await?;
        Ok(inserted)
    }

    /// Connections of any workspace with events that are due: the worker serves them all. One look into an index for
    /// each connection, however many events wait.
    pub async fn list_connections_with_events(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        use entity::connection;
        let due = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(is_pending())
            .filter(Column::RunAt.lte(now))
            .filter(
                Expr::col((Entity, Column::ConnectionId))
                    .equals((connection::Entity, connection::Column::Id)),
            );
        let query = connection::Entity::find()
            .select_only()
            .column(connection::Column::WorkspaceId)
            .column(connection::Column::Id)
            .filter(Expr::exists(due.into_query()));
        self.list_owners(query).await
    }

    /// A connection's events that are due, those that wait longest first.
    pub async fn list_due_events(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<InboxEventRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(is_pending())
            .filter(Column::RunAt.lte(now))
            .order_by_asc(Column::RunAt)
            .limit(limit);
        // The writer: what was settled a moment ago must not be seen again.
        Ok(query.all(&self.writer).await?)
    }

    /// Which of these events are stored.
    pub async fn find_known_events(
        &self,
        workspace: WorkspaceId,
        ids: &[InboxEventId],
    ) -> Result<Vec<InboxEventId>, StorageError> {
        let query = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(named(
                (Column::WorkspaceId, workspace.0),
                (Column::Id, ids.iter().map(|id| id.0)),
            ));
        let found: Vec<Uuid> = query.into_tuple().all(&self.reader).await?;
        Ok(found.into_iter().map(InboxEventId).collect())
    }

    /// Writes what events tell and what became of them, or nothing at all where the claim was lost. Returns the payments
    /// that were there before and were filled in.
    pub async fn settle_events(
        &self,
        task: &TaskRow,
        rows: PageRows,
        settled: Vec<Settled>,
        at: DateTime<Utc>,
    ) -> Result<Vec<PaymentId>, StorageError> {
        let transaction = self.begin().await?;
        tasks::hold(&transaction, task).await?;
        let filled = upsert::page(&transaction, &self.told, rows).await?;
        for (ids, outcome) in settled {
            settle(&transaction, &ids, outcome, at).await?;
        }
        transaction.commit().await?;
        Ok(filled)
    }

    /// How a connection's inbox stands.
    pub async fn count_inbox(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<InboxCounts, StorageError> {
        let count = |state| {
            Entity::find()
                .filter(Column::WorkspaceId.eq(workspace.0))
                .filter(Column::ConnectionId.eq(connection.0))
                .filter(Column::State.eq(state))
                .count(&self.reader)
        };
        Ok(InboxCounts {
            pending: count(InboxEventState::Pending).await?,
            dead: count(InboxEventState::Dead).await?,
        })
    }

    /// Events of any workspace that were given up, newest first: for the operator.
    pub async fn list_dead_events(&self, limit: u64) -> Result<Vec<InboxEventRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::State.eq(InboxEventState::Dead))
            .order_by_desc(Column::ReceivedAt)
            .limit(limit);
        Ok(query.all(&self.reader).await?)
    }

    /// Puts events that were given up back, of one connection or of all; returns how many. On the operator's word.
    pub async fn retry_dead_events(
        &self,
        connection: Option<ConnectionId>,
        now: DateTime<Utc>,
    ) -> Result<u64, StorageError> {
        let mut again = Entity::update_many()
            .col_expr(Column::State, Expr::value(InboxEventState::Pending))
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(Column::RunAt, Expr::value(now))
            .col_expr(
                Column::SettledAt,
                Expr::value(Option::<DateTime<Utc>>::None),
            )
            .filter(Column::State.eq(InboxEventState::Dead));
        if let Some(connection) = connection {
            again = again.filter(Column::ConnectionId.eq(connection.0));
        }
        Ok(again.exec(&self.writer).await?.rows_affected)
    }

    /// Every connection of any workspace: the worker looks after all their inboxes.
    pub async fn list_inbox_owners(&self) -> Result<Vec<ConnectionId>, StorageError> {
        use entity::connection;
        let query = connection::Entity::find()
            .select_only()
            .column(connection::Column::Id);
        let ids: Vec<Uuid> = query.into_tuple().all(&self.reader).await?;
        Ok(ids.into_iter().map(ConnectionId).collect())
    }

    /// Deletes at most `limit` settled events of a connection received before a time: Stripe sends none again after
    /// that.
    pub async fn prune_events(
        &self,
        connection: ConnectionId,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StorageError> {
        let old = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(Column::ReceivedAt.lt(before))
            .filter(Column::State.is_in([InboxEventState::Applied, InboxEventState::Ignored]))
            .limit(limit);
        let deleted = Entity::delete_many()
            .filter(Column::Id.in_subquery(old.into_query()))
            .exec(&self.writer)
            .await?;
        Ok(deleted.rows_affected)
    }

    /// Moves `synced_through` forward to `through`, unless an event from before still waits or was given up, or the
    /// history is imported again because events cannot tell it.
    pub async fn advance_synced(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        through: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        use entity::{connection, import};
        let waiting = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::ConnectionId.eq(id.0))
            .filter(Column::State.is_in([InboxEventState::Pending, InboxEventState::Dead]))
            .filter(Column::CreatedAt.lt(through));
        let catching_up = import::Entity::find()
            .select_only()
            .column(import::Column::Id)
            .filter(import::Column::ConnectionId.eq(id.0))
            .filter(import::Column::Trigger.eq(ImportTrigger::CatchUp))
            .filter(import::Column::Status.is_in(imports::ACTIVE));
        let moved = connection::Entity::update_many()
            .col_expr(connection::Column::SyncedThrough, Expr::value(through))
            .filter(connection::Column::Id.eq(id.0))
            .filter(connection::Column::WorkspaceId.eq(workspace.0))
            .filter(connection::Column::SyncedThrough.lt(through))
            .filter(Expr::exists(waiting.into_query()).not())
            .filter(Expr::exists(catching_up.into_query()).not())
            .exec(&self.writer)
            .await?;
        Ok(moved.rows_affected > 0)
    }
}

/// As the partial index has it: a parameter in its place would not be seen to fit.
fn is_pending() -> Expr {
    Expr::cust("\"inbox_events\".\"state\" = 'pending'")
}

async fn settle(
    transaction: &DatabaseTransaction,
    ids: &[InboxEventId],
    outcome: EventOutcome,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    if ids.is_empty() {
        return Ok(());
    }
    let over = |state: InboxEventState, reason: Option<&'static str>| {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(state))
            .col_expr(Column::Reason, Expr::value(reason))
            .col_expr(Column::SettledAt, Expr::value(at))
            .col_expr(Column::Object, Expr::value(Option::<String>::None))
    };
    let update = match outcome {
        EventOutcome::Applied => over(InboxEventState::Applied, None),
        EventOutcome::Ignored(reason) => over(InboxEventState::Ignored, Some(reason)),
        EventOutcome::Dead(reason) => over(InboxEventState::Dead, Some(reason))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1)),
        EventOutcome::Later {
            run_at,
            failed,
            reason,
        } => Entity::update_many()
            .col_expr(Column::RunAt, Expr::value(run_at))
            .col_expr(Column::Reason, Expr::value(reason))
            .col_expr(
                Column::Attempts,
                Expr::col(Column::Attempts).add(i32::from(failed)),
            ),
    };
    let theirs = Condition::all()
        .add(Column::Id.is_in(ids.iter().map(|id| id.0)))
        .add(Column::State.eq(InboxEventState::Pending));
    update.filter(theirs).exec(transaction).await?;
    Ok(())
}
