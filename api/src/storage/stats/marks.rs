//! Marks of what changed, and the hours that they stand for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{
    payment,
    rollup_mark::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use super::hours::{HOUR, Span, joined};
use crate::{
    ids::{ConnectionId, WorkspaceId},
    storage::{PageRows, StorageError, named::named},
};

/// At most so many ids in a statement, beside what else it binds.
const IDS_AT_ONCE: usize = 10_000;

/// All times that payments can be of (`[1970, 10000)`).
pub(super) const ALL_TIME: Span = Span {
    from: 0,
    until: 253_402_300_800,
};

/// What a transaction changes, to be marked in it.
#[derive(Clone, Debug)]
pub(in crate::storage) struct Mark {
    workspace: Uuid,
    connection: Uuid,
    hours: Vec<Span>,
    payments: Vec<Uuid>,
    observed_at: DateTime<Utc>,
}

/// What the rows of a page change: all are of one connection.
pub(in crate::storage) fn of_page(rows: &PageRows) -> Option<Mark> {
    let PageRows {
        payments,
        refunds,
        disputes,
        ..
    } = rows;
    let of_payments = payments
        .iter()
        .map(|row| (row.observed_at, row.workspace_id, row.connection_id));
    let of_refunds = refunds
        .iter()
        .map(|row| (row.observed_at, row.workspace_id, row.connection_id));
    let of_disputes = disputes
        .iter()
        .map(|row| (row.observed_at, row.workspace_id, row.connection_id));
    let all = of_payments.chain(of_refunds).chain(of_disputes);
    let (observed_at, workspace, connection) = all.max()?;
    let hours = payments
        .iter()
        .map(|row| Span::hour_of(row.created_at.timestamp()));
    let known: BTreeSet<Uuid> = payments.iter().map(|row| row.id).collect();
    let named = refunds.iter().filter_map(|row| row.payment_id);
    let named = named.chain(disputes.iter().filter_map(|row| row.payment_id));
    // Perhaps another transaction writes such a payment at the moment, so its hour cannot be looked up here.
    let alone: BTreeSet<Uuid> = named.filter(|payment| !known.contains(payment)).collect();
    Some(Mark {
        workspace,
        connection,
        hours: joined(hours.collect(), usize::MAX),
        payments: alone.into_iter().collect(),
        observed_at,
    })
}

/// That any payment of a connection may be gone.
pub(in crate::storage) fn everything(
    workspace: WorkspaceId,
    connection: ConnectionId,
    observed_at: DateTime<Utc>,
) -> Mark {
    Mark {
        workspace: workspace.0,
        connection: connection.0,
        hours: vec![ALL_TIME],
        payments: Vec::new(),
        observed_at,
    }
}

/// Marks what a transaction changes, where it changes anything.
pub(in crate::storage) async fn write(
    transaction: &DatabaseTransaction,
    mark: Option<Mark>,
) -> Result<(), StorageError> {
    let Some(mark) = mark else {
        return Ok(());
    };
    let hours = mark
        .hours
        .iter()
        .map(|span| [span.from / HOUR, span.until / HOUR]);
    let row = ActiveModel {
        id: NotSet,
        workspace_id: Set(mark.workspace),
        connection_id: Set(mark.connection),
        hours: Set(json!(hours.collect::<Vec<_>>())),
        payments: Set(json!(mark.payments)),
        observed_at: Set(mark.observed_at),
    };
    Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Marks stored payments of a workspace's connection that a transaction changes, by their ids alone.
pub(in crate::storage) async fn note(
    transaction: &DatabaseTransaction,
    (workspace, connection): (Uuid, Uuid),
    payments: Vec<Uuid>,
    observed_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let mark = (!payments.is_empty()).then_some(Mark {
        workspace,
        connection,
        hours: Vec::new(),
        payments,
        observed_at,
    });
    write(transaction, mark).await
}

/// Marks that are there, read.
#[derive(Debug, Default)]
pub(super) struct Marked {
    /// The marks' ids.
    pub(super) ids: Vec<i64>,
    /// The hours that they name.
    pub(super) hours: Vec<Span>,
    /// The payments that they name by their ids alone.
    pub(super) payments: BTreeSet<Uuid>,
}

/// The marks of a workspace's connections, or of some of them, the oldest first.
pub(super) async fn read(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
    connections: Option<&[ConnectionId]>,
    limit: u64,
) -> Result<Marked, StorageError> {
    let mut query = Entity::find().filter(Column::WorkspaceId.eq(workspace.0));
    if let Some(connections) = connections {
        query = query.filter(Column::ConnectionId.is_in(connections.iter().map(|id| id.0)));
    }
    let rows = query
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(connection)
        .await?;
    let mut marked = Marked::default();
    for row in rows {
        marked.ids.push(row.id);
        let (hours, payments) = understood(row)?;
        let spans = hours.into_iter().map(|[from, until]| Span {
            from: from * HOUR,
            until: until * HOUR,
        });
        marked.hours.extend(spans);
        marked.payments.extend(payments);
    }
    Ok(marked)
}

fn understood(row: Model) -> Result<(Vec<[i64; 2]>, Vec<Uuid>), DbErr> {
    let unreadable = |error: serde_json::Error| DbErr::Json(error.to_string());
    let hours = serde_json::from_value(row.hours).map_err(unreadable)?;
    let payments = serde_json::from_value(row.payments).map_err(unreadable)?;
    Ok((hours, payments))
}

/// The hours of payments, where these are stored. One that is not stored yet is marked by whoever stores it.
pub(super) async fn hours_of(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
    payments: &BTreeSet<Uuid>,
) -> Result<Vec<Span>, StorageError> {
    use payment::{Column, Entity};
    let payments: Vec<Uuid> = payments.iter().copied().collect();
    let mut hours = BTreeMap::new();
    for some in payments.chunks(IDS_AT_ONCE) {
        let query = Entity::find()
            .select_only()
            .column(Column::CreatedAt)
            .filter(named(
                (Column::WorkspaceId, workspace.0),
                (Column::Id, some.iter().copied()),
            ));
        let times: Vec<DateTime<Utc>> = query.into_tuple().all(connection).await?;
        hours.extend(times.iter().map(|time| {
            let hour = Span::hour_of(time.timestamp());
            (hour.from, hour)
        }));
    }
    Ok(hours.into_values().collect())
}
