//! Payments: single ones, pages and counts.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::payment::{Column, Entity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, sea_query::Value,
};
use uuid::Uuid;

use super::{
    PageRequest, PaymentColumn, PaymentColumns, PaymentFilter, PaymentRow, ReadPayment, Slice,
    StorageError, Store,
    named::named,
    paging::{keyset, planned_keyset, slice},
};
use crate::ids::{ConnectionId, PaymentId, WorkspaceId};

/// What a list of payments is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentSort {
    /// By creation at Stripe.
    CreatedAt,
    /// By amount in major units.
    Amount,
}

impl PaymentSort {
    /// The column, and how it is read.
    fn column(self) -> (Column, PaymentColumn) {
        match self {
            Self::CreatedAt => (Column::CreatedAt, PaymentColumn::CreatedAt),
            Self::Amount => (Column::AmountThousandths, PaymentColumn::AmountThousandths),
        }
    }
}

/// The order of a list of payments; ties go by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentOrder {
    /// The column.
    pub by: PaymentSort,
    /// Largest first.
    pub descending: bool,
}

/// The position of a payment in a list of the order that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentPosition {
    /// In a list by creation.
    CreatedAt(DateTime<Utc>, Uuid),
    /// In a list by amount, in thousandths of the major unit.
    Amount(i64, Uuid),
}

impl PaymentPosition {
    /// Where a payment stands in a list of this order.
    #[must_use]
    pub fn of(row: &PaymentRow, sort: PaymentSort) -> Self {
        match sort {
            PaymentSort::CreatedAt => Self::CreatedAt(row.created_at, row.id),
            PaymentSort::Amount => Self::Amount(row.amount_thousandths, row.id),
        }
    }

    fn values(self) -> (Value, Value) {
        match self {
            Self::CreatedAt(at, id) => (at.into(), id.into()),
            Self::Amount(amount, id) => (amount.into(), id.into()),
        }
    }
}

impl Store {
    /// The payments of these ids, in no order, with these columns and the id; all others are empty.
    pub async fn find_payments(
        &self,
        workspace: WorkspaceId,
        ids: &[PaymentId],
        columns: PaymentColumns,
    ) -> Result<Vec<Arc<ReadPayment>>, StorageError> {
        let condition = named(
            (Column::WorkspaceId, workspace.0),
            (Column::Id, ids.iter().map(|id| id.0)),
        );
        let columns = columns.and(PaymentColumns::of(&[PaymentColumn::Id]));
        let statement = self
            .reader
            .get_database_backend()
            .build(&columns.select(condition));
        Ok(self.read_payments(statement, columns).await?)
    }

    async fn read_payments(
        &self,
        statement: Statement,
        columns: PaymentColumns,
    ) -> Result<Vec<Arc<ReadPayment>>, DbErr> {
        let results = self.reader.query_all_raw(statement).await?;
        let mut payments = Vec::with_capacity(results.len());
        for result in &results {
            payments.push(columns.read(result)?);
        }
        Ok(payments)
    }

    /// The Stripe id of the newest payment that is stored of a connection; none where there is none.
    pub async fn find_stored_charge(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Option<String>, StorageError> {
        let query = Entity::find()
            .select_only()
            .column(Column::StripeId)
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0))
            .order_by_desc(Column::CreatedAt)
            .limit(1);
        Ok(query.into_tuple().one(&self.reader).await?)
    }

    /// All payments that a filter leaves, in no order, with these columns and the id: for filters that name the ids.
    pub async fn find_payments_that(
        &self,
        workspace: WorkspaceId,
        filter: &PaymentFilter,
        columns: PaymentColumns,
    ) -> Result<Vec<Arc<ReadPayment>>, StorageError> {
        let backend = self.reader.get_database_backend();
        let condition = filter.condition(workspace, backend);
        let columns = columns.and(PaymentColumns::of(&[PaymentColumn::Id]));
        let statement = backend.build(&columns.select(condition));
        Ok(self.read_payments(statement, columns).await?)
    }

    /// A page of payments, with these columns, the id and what they are ordered by; all others are empty. Deep pages cost
    /// what the first costs.
    pub async fn list_payments(
        &self,
        workspace: WorkspaceId,
        filter: &PaymentFilter,
        order: PaymentOrder,
        page: &PageRequest<PaymentPosition>,
        columns: PaymentColumns,
    ) -> Result<Slice<Arc<ReadPayment>>, StorageError> {
        let backend = self.reader.get_database_backend();
        let condition = filter.condition(workspace, backend);
        let (column, read) = order.by.column();
        let columns = columns.and(PaymentColumns::of(&[PaymentColumn::Id, read]));
        let values = PageRequest {
            limit: page.limit,
            position: page.position.map(PaymentPosition::values),
            backward: page.backward,
        };
        let mut query = columns.select(condition);
        let by = (column, Column::Id);
        let statement = if filter.is_empty() {
            planned_keyset(query, backend, by, order.descending, &values)
        } else {
            // How rare the values are decides which index serves.
            keyset(&mut query, by, order.descending, &values);
            backend.build(&query)
        };
        Ok(slice(self.read_payments(statement, columns).await?, page))
    }

    /// How many payments a filter leaves.
    pub async fn count_payments(
        &self,
        workspace: WorkspaceId,
        filter: &PaymentFilter,
    ) -> Result<u64, StorageError> {
        let condition = filter.condition(workspace, self.reader.get_database_backend());
        Ok(Entity::find().filter(condition).count(&self.reader).await?)
    }
}
