//! Summing up again what changed.

use chrono::{DateTime, Utc};
use entity::{connection_task, import, payment, payment_rollup, rollup_mark};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, Iterable, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    hours::{Span, joined, time},
    marks,
    sums::Source,
};
use crate::{
    ids::{ConnectionId, WorkspaceId},
    storage::{ImportStatus, StorageError, Store, TaskKind, TaskRow, tasks},
};

/// At most so many marks are taken away at once.
const MOST_MARKS: u64 = 20_000;

/// At most so many ids in a statement.
const IDS_AT_ONCE: usize = 10_000;

/// Each span is at least one transaction; hours between spans that lie close are summed up with them.
const MOST_SPANS: usize = 300;

/// Payments that are summed up in one transaction, bar those of one hour: short enough to let others write in between.
const PAYMENTS_AT_ONCE: u64 = 20_000;

/// Hours of a connection that are to be summed up again, and the marks that say so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkedHours {
    marks: Vec<i64>,
    /// The hours, in order.
    pub spans: Vec<Span>,
}

impl MarkedHours {
    /// Whether nothing is marked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }
}

impl Store {
    /// Connections of any workspace with marks that nobody sums up at the moment: the worker serves them all. While one
    /// is imported its hours change all the time; only what changed before `since` is summed up then.
    pub async fn list_connections_to_roll_up(
        &self,
        now: DateTime<Utc>,
        since: DateTime<Utc>,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        use rollup_mark::{Column, Entity};
        let importing = import::Entity::find()
            .select_only()
            .column(import::Column::Id)
            .filter(import::Column::Status.is_in([ImportStatus::Queued, ImportStatus::Running]))
            .filter(
                Expr::col((import::Entity, import::Column::ConnectionId))
                    .equals((Entity, Column::ConnectionId)),
            );
        let rests = Expr::exists(importing.into_query()).not();
        let resting = connection_task::Entity::find()
            .select_only()
            .column(connection_task::Column::Id)
            .filter(connection_task::Column::Kind.eq(TaskKind::RollUp))
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
            .filter(rests.or(Column::ObservedAt.lt(since)))
            .filter(Expr::exists(resting.into_query()).not());
        self.list_owners(query).await
    }

    /// What is marked of a connection, the oldest marks first.
    pub async fn find_marked_hours(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<MarkedHours, StorageError> {
        let marked = marks::read(&self.writer, workspace, Some(&[connection]), MOST_MARKS).await?;
        let mut spans = marked.hours;
        spans.extend(marks::hours_of(&self.writer, workspace, &marked.payments).await?);
        Ok(MarkedHours {
            marks: marked.ids,
            spans: joined(spans, MOST_SPANS),
        })
    }

    /// Sums up the first hours of a span again, or nothing at all where the claim was lost. Returns what is left of the
    /// span.
    pub async fn roll_up_some(
        &self,
        task: &TaskRow,
        span: Span,
    ) -> Result<Option<Span>, StorageError> {
        let until = self.end_of_some(task, span).await?;
        let transaction = self.begin_repeatable().await?;
        tasks::hold(&transaction, task).await?;
        let (from, end) = (time(span.from), time(until));
        payment_rollup::Entity::delete_many()
            .filter(payment_rollup::Column::WorkspaceId.eq(task.workspace_id))
            .filter(payment_rollup::Column::ConnectionId.eq(task.connection_id))
            .filter(payment_rollup::Column::CreatedAt.gte(from))
            .filter(payment_rollup::Column::CreatedAt.lt(end))
            .exec(&transaction)
            .await?;
        // The id is given by the database.
        let columns = || payment_rollup::Column::iter().skip(1);
        for source in [Source::Payments, Source::Refunds, Source::Disputes] {
            let mut sums = source.sums(keys(transaction.get_database_backend()), None);
            sums.and_where(payment::Column::WorkspaceId.eq(task.workspace_id))
                .and_where(payment::Column::ConnectionId.eq(task.connection_id))
                .and_where(payment::Column::CreatedAt.gte(from))
                .and_where(payment::Column::CreatedAt.lt(end));
            let mut insert = Query::insert();
            insert
                .into_table(payment_rollup::Entity)
                .columns(columns())
                .select_from(sums)
                .map_err(|error| sea_orm::DbErr::Custom(error.to_string()))?;
            transaction.execute(&insert).await?;
        }
        transaction.commit().await?;
        let left = Span {
            from: until,
            until: span.until,
        };
        Ok((left.from < left.until).then_some(left))
    }

    /// Where to end, so that not too many payments are summed up at once.
    async fn end_of_some(&self, task: &TaskRow, span: Span) -> Result<i64, StorageError> {
        use payment::{Column, Entity};
        let query = Entity::find()
            .select_only()
            .column(Column::CreatedAt)
            .filter(Column::WorkspaceId.eq(task.workspace_id))
            .filter(Column::ConnectionId.eq(task.connection_id))
            .filter(Column::CreatedAt.gte(time(span.from)))
            .filter(Column::CreatedAt.lt(time(span.until)))
            .order_by_asc(Column::CreatedAt)
            .offset(PAYMENTS_AT_ONCE)
            .limit(1);
        let next: Option<DateTime<Utc>> = query.into_tuple().one(&self.writer).await?;
        let Some(next) = next else {
            return Ok(span.until);
        };
        let hours = [
            Span::hour_of(next.timestamp()).from,
            Span::hour_of(span.from).until,
        ];
        Ok(hours.into_iter().max().unwrap_or(span.until))
    }

    /// Takes away marks of what was summed up since they were read, or none where the claim was lost.
    pub async fn delete_marks(
        &self,
        task: &TaskRow,
        marked: &MarkedHours,
    ) -> Result<(), StorageError> {
        use rollup_mark::{Column, Entity};
        let transaction = self.begin_repeatable().await?;
        tasks::hold(&transaction, task).await?;
        for some in marked.marks.chunks(IDS_AT_ONCE) {
            Entity::delete_many()
                .filter(Column::WorkspaceId.eq(task.workspace_id))
                .filter(Column::Id.is_in(some.iter().copied()))
                .exec(&transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// What the payments of a rollup have in common, in the order of its columns.
fn keys(backend: DbBackend) -> Vec<Expr> {
    use payment::Column;
    let hour = match backend {
        DbBackend::Postgres => r#"date_trunc('hour', "payments"."created_at", 'UTC')"#,
        // The text that a time is on SQLite, without minutes and seconds.
        _ => r#"substr("payments"."created_at", 1, 13) || ':00:00+00:00'"#,
    };
    let column = |column: Column| Expr::col((payment::Entity, column));
    let before = [Column::WorkspaceId, Column::ConnectionId].map(column);
    let after = [
        Column::Livemode,
        Column::Currency,
        Column::Status,
        Column::MethodType,
        Column::CardBrand,
        Column::CardFunding,
        Column::CardCountry,
        Column::CardWallet,
        Column::SettlementCurrency,
    ]
    .map(column);
    before
        .into_iter()
        .chain([Expr::cust(hour)])
        .chain(after)
        .collect()
}
