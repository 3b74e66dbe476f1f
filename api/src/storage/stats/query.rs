//! Reading sums: from rollups where they hold what is asked for, else from the payments themselves.

use std::{ops::AddAssign, sync::Arc};

use chrono::{DateTime, Utc};
use entity::payment::{Column, Entity};
use sea_orm::{
    AccessMode, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend,
    EntityTrait, IsolationLevel, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    TransactionOptions, TransactionTrait, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    hours::{HOUR, Piece, Span, clipped, cut, joined, time, without},
    marks,
    sums::{MEASURES, SPAN, Source, StatsColumn, StatsKey},
};
use crate::{
    ids::{ConnectionId, WorkspaceId},
    storage::{PaymentFilter, StorageError, Store, joined::Joined, reader::Reader},
};

/// At most so many spans are read from payments while the rest is read from rollups.
const MOST_SPANS: usize = 200;

/// More marks than this, and payments are read however old they are.
const MOST_MARKS: u64 = 20_000;

/// The same for payments whose hours would have to be looked up.
const MOST_MARKED_PAYMENTS: usize = 20_000;

/// Sums to read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatsQuery {
    /// Of which payments.
    pub filter: PaymentFilter,
    /// Grouped by these, beside the currency, the settlement currency and the interval.
    pub columns: Vec<StatsColumn>,
    /// Intervals, in seconds since 1970: each lasts from one bound to the next. At least two.
    pub bounds: Vec<i64>,
    /// Leave out payments after which the same payment intent was tried again.
    pub last_tries: bool,
    /// At most so many groups of each source; one more than that tells that there are more.
    pub limit: u64,
}

/// Sums that many ask for at the same moment.
pub(in crate::storage) type JoinedSums =
    Joined<(WorkspaceId, StatsQuery), (), Arc<Vec<StatsGroup>>>;

/// What the payments of a group come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaymentSums {
    /// How many there are.
    pub attempts: i64,
    /// Those that succeeded, without verifications.
    pub succeeded: i64,
    /// Those that failed, without verifications.
    pub failed: i64,
    /// What was taken.
    pub captured: i64,
    /// What was given back of it.
    pub refunded: i64,
    /// Stripe's fees, in the settlement currency.
    pub fee: i64,
    /// How many times something was given back.
    pub refunds: i64,
    /// How many disputes there are.
    pub disputes: i64,
    /// What is disputed in the payments' currency.
    pub disputed: i64,
}

/// A part of the sums of an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatsGroup {
    /// The interval's place.
    pub interval: usize,
    /// The payments' currency.
    pub currency: String,
    /// The currency of their fees, where these are known.
    pub settlement_currency: Option<String>,
    /// One for each column.
    pub keys: Vec<StatsKey>,
    /// What they come to.
    pub sums: PaymentSums,
}

impl AddAssign for PaymentSums {
    fn add_assign(&mut self, other: Self) {
        let mut own = self.each();
        for (own, other) in own.iter_mut().zip(other.each()) {
            *own = own.saturating_add(other);
        }
        *self = Self::from(own);
    }
}

impl PaymentSums {
    fn each(self) -> [i64; MEASURES.len()] {
        [
            self.attempts,
            self.succeeded,
            self.failed,
            self.captured,
            self.refunded,
            self.fee,
            self.refunds,
            self.disputes,
            self.disputed,
        ]
    }
}

impl From<[i64; MEASURES.len()]> for PaymentSums {
    fn from(each: [i64; MEASURES.len()]) -> Self {
        let [attempts, succeeded, failed, rest @ ..] = each;
        let [captured, refunded, fee, refunds, disputes, amount] = rest;
        Self {
            attempts,
            succeeded,
            failed,
            captured,
            refunded,
            fee,
            refunds,
            disputes,
            disputed: amount,
        }
    }
}

impl Store {
    /// When the oldest and the newest payment of a workspace were created; none where there is none.
    pub async fn find_payment_span(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, StorageError> {
        let of = || {
            Entity::find()
                .select_only()
                .column(Column::CreatedAt)
                .filter(Column::WorkspaceId.eq(workspace.0))
                .limit(1)
        };
        let oldest = of().order_by_asc(Column::CreatedAt).into_tuple();
        let Some(oldest) = oldest.one(&self.reader).await? else {
            return Ok(None);
        };
        let newest = of().order_by_desc(Column::CreatedAt).into_tuple();
        let newest: Option<DateTime<Utc>> = newest.one(&self.reader).await?;
        Ok(newest.map(|newest| (oldest, newest)))
    }

    /// Sums over payments, as they were at one moment. A group can come several times, to be added up.
    pub async fn sum_payments(
        &self,
        workspace: WorkspaceId,
        query: StatsQuery,
    ) -> Result<Arc<Vec<StatsGroup>>, StorageError> {
        let reader = self.reader.clone();
        let read = move |asked: Arc<(WorkspaceId, StatsQuery)>, _| async move {
            let (workspace, query) = &*asked;
            Ok(Arc::new(reader.sums(*workspace, query).await?))
        };
        self.sums.read((workspace, query), (), read).await
    }
}

impl Reader {
    async fn sums(
        &self,
        workspace: WorkspaceId,
        query: &StatsQuery,
    ) -> Result<Vec<StatsGroup>, StorageError> {
        let (Some(from), Some(until)) = (query.bounds.first(), query.bounds.last()) else {
            return Ok(Vec::new());
        };
        let whole = Span {
            from: *from,
            until: *until,
        };
        let snapshot = self.begin_snapshot().await?;
        let from_payments = if query.is_rolled_up() {
            let asked = query.filter.connections.as_deref();
            let mut spans = changed(&snapshot, workspace, asked).await?;
            // A rollup cannot be divided.
            let odd = query.bounds.iter().filter(|bound| *bound % HOUR != 0);
            spans.extend(odd.map(|bound| Span::hour_of(*bound)));
            clipped(&joined(spans, MOST_SPANS), whole)
        } else {
            vec![whole]
        };
        let from_rollups = without(whole, &from_payments);
        let mut groups = Vec::new();
        for (source, spans) in [
            (Source::Rollups, &from_rollups),
            (Source::Payments, &from_payments),
            (Source::Refunds, &from_payments),
            (Source::Disputes, &from_payments),
        ] {
            let pieces = cut(&query.bounds, spans);
            if !pieces.is_empty() {
                groups.extend(query.read(&snapshot, workspace, source, &pieces).await?);
            }
        }
        snapshot.commit().await?;
        Ok(groups)
    }

    /// A transaction that sees one moment; SQLite's always do.
    async fn begin_snapshot(&self) -> Result<DatabaseTransaction, StorageError> {
        let postgres = self.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        };
        Ok(self.pool().begin_with_options(options).await?)
    }
}

/// The hours whose rollups cannot be used.
async fn changed(
    snapshot: &DatabaseTransaction,
    workspace: WorkspaceId,
    connections: Option<&[ConnectionId]>,
) -> Result<Vec<Span>, StorageError> {
    let marked = marks::read(snapshot, workspace, connections, MOST_MARKS).await?;
    let all = usize::try_from(MOST_MARKS).is_ok_and(|most| marked.ids.len() >= most);
    if all || marked.payments.len() > MOST_MARKED_PAYMENTS {
        return Ok(vec![marks::ALL_TIME]);
    }
    let mut spans = marked.hours;
    spans.extend(marks::hours_of(snapshot, workspace, &marked.payments).await?);
    Ok(spans)
}

impl StatsQuery {
    /// Whether rollups tell the payments asked for apart.
    fn is_rolled_up(&self) -> bool {
        !self.last_tries
            && self.filter.is_rolled_up()
            && self.columns.iter().all(|column| column.is_rolled_up())
    }

    async fn read(
        &self,
        snapshot: &DatabaseTransaction,
        workspace: WorkspaceId,
        source: Source,
        pieces: &[Piece],
    ) -> Result<Vec<StatsGroup>, StorageError> {
        let backend = snapshot.get_database_backend();
        let spans: Vec<_> = pieces.iter().map(|piece| piece.span).collect();
        let wholes = joined(spans.clone(), usize::MAX);
        // SQLite would look at every payment for any of several spans.
        let apart = (backend == DbBackend::Sqlite && wholes.len() > 1).then_some(&*spans);
        let column = |column: Column| Expr::col((Entity, column));
        let mut keys = vec![
            apart.map_or_else(|| place(&spans, backend), |_| Expr::cust(SPAN)),
            column(Column::Currency),
            column(Column::SettlementCurrency),
        ];
        keys.extend(self.columns.iter().map(|key| column(key.column())));
        let mut select = source.sums(keys, apart);
        select
            .cond_where(self.filter.condition(workspace, backend))
            .limit(self.limit + 1);
        if apart.is_none() {
            select.cond_where(within(&wholes));
        }
        if self.last_tries {
            select.and_where(Expr::cust(LAST_TRY));
        }
        let rows = snapshot.query_all(&select).await?;
        let groups = rows.iter().map(|row| self.group(row, pieces));
        Ok(groups.collect::<Result<_, _>>()?)
    }

    fn group(&self, row: &QueryResult, pieces: &[Piece]) -> Result<StatsGroup, sea_orm::DbErr> {
        let place: i64 = row.try_get_by_index(0)?;
        let piece = usize::try_from(place).ok().and_then(|at| pieces.get(at));
        let piece = piece.ok_or_else(|| sea_orm::DbErr::Custom("no such interval".to_owned()))?;
        let keys = self.columns.iter().enumerate().map(|(at, column)| {
            let at = at + 3;
            if *column == StatsColumn::Connection {
                let id: Uuid = row.try_get_by_index(at)?;
                return Ok(StatsKey::Connection(ConnectionId(id)));
            }
            let text: Option<String> = row.try_get_by_index(at)?;
            Ok(text.map_or(StatsKey::Missing, StatsKey::Text))
        });
        let keys = keys.collect::<Result<Vec<_>, sea_orm::DbErr>>()?;
        let mut sums = [0; MEASURES.len()];
        for (at, sum) in sums.iter_mut().enumerate() {
            *sum = row.try_get_by_index(at + 3 + keys.len())?;
        }
        Ok(StatsGroup {
            interval: piece.interval,
            currency: row.try_get_by_index(1)?,
            settlement_currency: row.try_get_by_index(2)?,
            keys,
            sums: sums.into(),
        })
    }
}

/// Whether a payment is the last one of its intent: the one that did not fail, or else the latest. Neither the filter
/// nor the span matters for it, so that sums of parts add up to the sum of the whole.
const LAST_TRY: &str = r#"NOT EXISTS (
    SELECT 1 FROM "payments" AS "other"
    WHERE "other"."workspace_id" = "payments"."workspace_id"
      AND "other"."payment_intent_id" = "payments"."payment_intent_id"
      AND "other"."connection_id" = "payments"."connection_id"
      AND ("other"."status" <> 'failed', "other"."created_at", "other"."id")
        > ("payments"."status" <> 'failed', "payments"."created_at", "payments"."id")
)"#;

/// That a payment was created in one of these spans.
fn within(spans: &[Span]) -> Condition {
    spans.iter().fold(Condition::any(), |any, span| {
        any.add(
            Condition::all()
                .add(Column::CreatedAt.gte(time(span.from)))
                .add(Column::CreatedAt.lt(time(span.until))),
        )
    })
}

/// The place of the span that a payment is in, given that it is in one.
fn place(spans: &[Span], backend: DbBackend) -> Expr {
    let begins: Vec<_> = spans
        .iter()
        .map(|span| time(span.from).to_rfc3339())
        .collect();
    if begins.len() == 1 {
        return Expr::cust("CAST(0 AS bigint)");
    }
    if backend == DbBackend::Postgres {
        // In a query of its own the list is read once, and not for each payment.
        let sql = r#"CAST(width_bucket("payments"."created_at", (SELECT CAST($1 AS timestamptz[]))) - 1 AS bigint)"#;
        return Expr::cust_with_values(sql, [format!("{{{}}}", begins.join(","))]);
    }
    Expr::cust(search(&begins, 0))
}

/// A binary search in begins, of which the first has a place.
fn search(begins: &[String], first: usize) -> String {
    let middle = begins.len() / 2;
    if middle == 0 {
        return first.to_string();
    }
    let (lower, upper) = begins.split_at(middle);
    format!(
        r#"CASE WHEN "payments"."created_at" < '{}' THEN {} ELSE {} END"#,
        upper[0],
        search(lower, first),
        search(upper, first + middle)
    )
}
