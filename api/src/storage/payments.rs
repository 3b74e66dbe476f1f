//! Payments: single ones, pages and counts.

use chrono::{DateTime, Utc};
use entity::payment::{Column, Entity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, sea_query::Value,
};
use uuid::Uuid;

use super::{
    PageRequest, PaymentColumns, PaymentFilter, PaymentRow, Slice, StorageError, Store,
    paging::{keyset, slice},
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
    /// The payments of these ids, in no order.
    pub async fn find_payments(
        &self,
        workspace: WorkspaceId,
        ids: &[PaymentId],
    ) -> Result<Vec<PaymentRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        Ok(query.all(&self.reader).await?)
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

    /// All payments that a filter leaves, in no order: for filters that name the ids.
    pub async fn find_payments_that(
        &self,
        workspace: WorkspaceId,
        filter: &PaymentFilter,
    ) -> Result<Vec<PaymentRow>, StorageError> {
        let condition = filter.condition(workspace, self.reader.get_database_backend());
        Ok(Entity::find().filter(condition).all(&self.reader).await?)
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
    ) -> Result<Slice<PaymentRow>, StorageError> {
        let backend = self.reader.get_database_backend();
        let condition = filter.condition(workspace, backend);
        let column = match order.by {
            PaymentSort::CreatedAt => Column::CreatedAt,
            PaymentSort::Amount => Column::AmountThousandths,
        };
        let columns = columns.and(PaymentColumns::of(&[Column::Id, column]));
        let values = PageRequest {
            limit: page.limit,
            position: page.position.map(PaymentPosition::values),
            backward: page.backward,
        };
        let query = Entity::find().select_only().columns(columns.each());
        let query = keyset(
            query.filter(condition),
            (column, Column::Id),
            order.descending,
            &values,
        );
        let results = self.reader.query_all_raw(query.build(backend)).await?;
        let rows: Result<_, _> = results.iter().map(|result| columns.read(result)).collect();
        Ok(slice(rows?, page))
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
