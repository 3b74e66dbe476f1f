use std::sync::LazyLock;

use async_graphql::{Context, Description, OutputType, ServerResult, Value};
use chrono::DateTime;

use super::list_type;
use crate::{
    auth::Scope,
    domain::payment::PaymentSearch,
    graphql::{
        context::ContextExt,
        cost::cost,
        cursor::{ListKey, Position, spelt},
        error::ApiError,
        flat::{Flat, Held, Rows, columns_under, flat},
        paging::{Page, PageArgs, placed},
        scalar::BigInt,
        types::{Payment, PaymentFilter, PaymentOrder},
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{self, PaymentColumns, PaymentPosition, PaymentSort, ReadPayment},
};

list_type! {
    /// A page of payments.
    PaymentConnection { workspace: WorkspaceId, search: PaymentSearch }

    Rows of PaymentEdge of Payment;

    /// How many payments the whole list has. Counted only when asked for.
    #[graphql(directive = cost::apply(500))]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<BigInt, ApiError> {
        let count = ctx.gateway()?.count_payments(self.workspace, &self.search).await?;
        Ok(BigInt::count(count))
    }
}

/// The filter that most lists have: spelling it takes longer than all else of a list's key.
static UNFILTERED: LazyLock<String> = LazyLock::new(|| spelt(&PaymentFilter::default()));

/// A payment in a list.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct PaymentEdge {
    cursor: String,
    node: Payment,
}

flat! {
    PaymentEdge of PaymentEdge {
        /// Where the entry stands in the list, for `after` and `before`.
        cursor: text[] = |edge| &edge.cursor;
        /// The entry itself.
        node: part<Payment>[] = |edge| edge.node.of();
    }
}

impl Held for PaymentEdge {
    fn of(&self) -> &Self {
        self
    }

    /// A payment with fields that need a loader.
    async fn load(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let selected = ctx.with_selection_set(&ctx.item.node.selection_set);
        self.node.resolve(&selected, ctx.item).await.map(Some)
    }
}

/// The columns that the selections of a list of payments need.
fn columns(ctx: &Context<'_>) -> PaymentColumns {
    let edges = ("PaymentConnection", "edges");
    let nodes = ("PaymentConnection", "nodes");
    let node = (PaymentEdge::NAME, "node");
    columns_under::<Payment>(ctx, &[&[nodes], &[edges, node]])
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
        let list = if filter == PaymentFilter::default() {
            list.under_spelt(&UNFILTERED)
        } else {
            list.under(&filter)
        };
        let list = list.under(&order);
        let asked = args.read(&list, ctx.page_sizes()?)?;
        let search = filter.into_search(connection);
        let order = storage::PaymentOrder::from(order);
        let page = placed(asked, |position| place(position, order.by))?;
        let found = ctx
            .gateway()?
            .list_payments(workspace, &search, order, &page, columns(ctx))
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

fn position(row: &ReadPayment, by: PaymentSort) -> Position {
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
