use async_graphql::Context;
use chrono::DateTime;

use super::list_type;
use crate::{
    auth::Scope,
    domain::payment::PaymentSearch,
    graphql::{
        context::ContextExt,
        cost::cost,
        cursor::{ListKey, Position},
        error::ApiError,
        paging::{Page, PageArgs, placed},
        scalar::BigInt,
        types::{Payment, PaymentFilter, PaymentOrder},
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{self, PaymentPosition, PaymentRow, PaymentSort},
};

list_type! {
    /// A page of payments.
    PaymentConnection { workspace: WorkspaceId, search: PaymentSearch }

    /// A payment in a list.
    PaymentEdge of Payment;

    /// How many payments the whole list has. Counted only when asked for.
    #[graphql(directive = cost::apply(500))]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<BigInt, ApiError> {
        let count = ctx.gateway()?.count_payments(self.workspace, &self.search).await?;
        Ok(BigInt::count(count))
    }
}

impl PaymentConnection {
    /// The page of payments that a caller asks for, of one connection or of all.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        connection: Option<ConnectionId>,
        filter: PaymentFilter,
        order: PaymentOrder,
        args: PageArgs,
    ) -> Result<Self, ApiError> {
        let workspace = ctx.caller_with(Scope::PaymentsRead)?.workspace;
        let list = match connection {
            Some(connection) => ListKey::new("connection.payments", workspace).of(connection.0),
            None => ListKey::new("payments", workspace),
        };
        let list = list.under(&filter).under(&order);
        let asked = args.read(&list, ctx.page_sizes()?)?;
        let search = filter.into_search(connection);
        let order = storage::PaymentOrder::from(order);
        let page = placed(asked, |position| place(position, order.by))?;
        let found = ctx
            .gateway()?
            .list_payments(workspace, &search, order, &page)
            .await?;
        let page = Page::new(list, asked, found, |row| {
            (position(&row, order.by), Payment::from(row))
        });
        Ok(Self {
            page,
            workspace,
            search,
        })
    }
}

fn position(row: &PaymentRow, by: PaymentSort) -> Position {
    match PaymentPosition::of(row, by) {
        PaymentPosition::CreatedAt(at, id) => Position {
            key: at.timestamp_micros(),
            id,
        },
        PaymentPosition::Amount(key, id) => Position { key, id },
    }
}

fn place(position: Position, by: PaymentSort) -> Result<PaymentPosition, ApiError> {
    match by {
        PaymentSort::Amount => Ok(PaymentPosition::Amount(position.key, position.id)),
        PaymentSort::CreatedAt => DateTime::from_timestamp_micros(position.key)
            .map(|at| PaymentPosition::CreatedAt(at, position.id))
            .ok_or_else(ApiError::foreign_cursor),
    }
}
