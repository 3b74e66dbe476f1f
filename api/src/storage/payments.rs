//! Payments: single ones, pages and counts.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

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
    joined::Joined,
    named::named,
    paging::{keyset, planned_keyset, slice},
    reader::Reader,
};
use crate::ids::{ConnectionId, PaymentId, WorkspaceId};

/// The most ids of one statement for many who each ask for one; a power of two.
const MOST_NAMED: usize = 256;

/// What a list of payments is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaymentOrder {
    /// The column.
    pub by: PaymentSort,
    /// Largest first.
    pub descending: bool,
}

/// The position of a payment in a list of the order that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// A page of payments, as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ListedPage {
    workspace: WorkspaceId,
    filter: PaymentFilter,
    order: PaymentOrder,
    page: PageRequest<PaymentPosition>,
    columns: PaymentColumns,
}

type Payments = HashMap<PaymentId, Arc<ReadPayment>>;

/// Reads of payments that many ask for at the same moment.
#[derive(Clone, Debug, Default)]
pub(super) struct JoinedPayments {
    single: Joined<(WorkspaceId, PaymentColumns), PaymentId, Arc<Payments>>,
    pages: Joined<ListedPage, (), Slice<Arc<ReadPayment>>>,
    counts: Joined<(WorkspaceId, PaymentFilter), (), u64>,
}

impl Store {
    /// The payments of these ids, in no order, with these columns and the id; all others are empty.
    pub async fn find_payments(
        &self,
        workspace: WorkspaceId,
        ids: &[PaymentId],
        columns: PaymentColumns,
    ) -> Result<Vec<Arc<ReadPayment>>, StorageError> {
        let columns = columns.and(PaymentColumns::of(&[PaymentColumn::Id]));
        // Several are seldom the same for many.
        let [one] = ids else {
            return Ok(self.reader.named_payments(workspace, ids, columns).await?);
        };
        let reader = self.reader.clone();
        let read = move |_, asked: Vec<PaymentId>| async move {
            let different: HashSet<_> = asked.into_iter().collect();
            let ids: Vec<_> = different.into_iter().collect();
            let mut found = Payments::new();
            for some in ids.chunks(MOST_NAMED) {
                let rows = reader.named_payments(workspace, some, columns).await?;
                found.extend(rows.into_iter().map(|row| (PaymentId(row.id), row)));
            }
            Ok(Arc::new(found))
        };
        let joined = &self.payments.single;
        let found = joined.read((workspace, columns), *one, read).await?;
        Ok(found.get(one).cloned().into_iter().collect())
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
        Ok(self.reader.payments(statement, columns).await?)
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
        let listed = ListedPage {
            workspace,
            filter: filter.clone(),
            order,
            page: *page,
            columns,
        };
        let reader = self.reader.clone();
        let read = move |asked: Arc<ListedPage>, _| async move {
            Ok(reader.listed_payments(&asked).await?)
        };
        self.payments.pages.read(listed, (), read).await
    }

    /// How many payments a filter leaves.
    pub async fn count_payments(
        &self,
        workspace: WorkspaceId,
        filter: &PaymentFilter,
    ) -> Result<u64, StorageError> {
        let reader = self.reader.clone();
        let read = move |asked: Arc<(WorkspaceId, PaymentFilter)>, _| async move {
            let (workspace, filter) = &*asked;
            let condition = filter.condition(*workspace, reader.get_database_backend());
            Ok(Entity::find().filter(condition).count(&reader).await?)
        };
        let asked = (workspace, filter.clone());
        self.payments.counts.read(asked, (), read).await
    }
}

impl Reader {
    async fn named_payments(
        &self,
        workspace: WorkspaceId,
        ids: &[PaymentId],
        columns: PaymentColumns,
    ) -> Result<Vec<Arc<ReadPayment>>, DbErr> {
        // Filled up with the last one, so that there are few texts to be planned and kept.
        let last = ids.last().into_iter().cycle();
        let ids = ids.iter().chain(last).take(ids.len().next_power_of_two());
        let condition = named(
            (Column::WorkspaceId, workspace.0),
            (Column::Id, ids.map(|id| id.0)),
        );
        let statement = self
            .get_database_backend()
            .build(&columns.select(condition));
        self.payments(statement, columns).await
    }

    async fn listed_payments(&self, asked: &ListedPage) -> Result<Slice<Arc<ReadPayment>>, DbErr> {
        let ListedPage {
            workspace,
            filter,
            order,
            page,
            columns,
        } = asked;
        let backend = self.get_database_backend();
        let condition = filter.condition(*workspace, backend);
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
        Ok(slice(self.payments(statement, columns).await?, page))
    }

    async fn payments(
        &self,
        statement: Statement,
        columns: PaymentColumns,
    ) -> Result<Vec<Arc<ReadPayment>>, DbErr> {
        let results = self.query_all_raw(statement).await?;
        let mut payments = Vec::with_capacity(results.len());
        for result in &results {
            payments.push(columns.read(result)?);
        }
        Ok(payments)
    }
}
