use std::sync::Arc;

use async_graphql::Context;

use super::{edge_type, list_type};
use crate::{
    graphql::{
        context::ContextExt,
        cursor::{ListKey, Position},
        error::ApiError,
        loader::RefundsOf,
        paging::{Page, PageArgs, slice},
        types::Refund,
    },
    ids::PaymentId,
    storage::RefundRow,
};

list_type! {
    /// A page of refunds, newest first.
    RefundConnection {}

    Vec of RefundEdge of Refund;
}

edge_type! {
    /// A refund in a list.
    RefundEdge of Refund
}

impl RefundConnection {
    /// The page of a payment's refunds that a caller asks for.
    ///
    /// All refunds of all payments of a page are read in one statement; a payment has few, so the page is cut here.
    pub(in crate::graphql) async fn of_payment(
        ctx: &Context<'_>,
        payment: PaymentId,
        args: PageArgs,
    ) -> Result<Self, ApiError> {
        let workspace = ctx.caller()?.workspace;
        let list = ListKey::new("refunds", workspace).of(payment.0);
        let asked = args.read(&list, ctx.page_sizes()?)?;
        let rows = ctx
            .loaders()?
            .find(RefundsOf(payment))
            .await?
            .unwrap_or_default();
        let found = slice(&rows, &asked, position);
        let page = Page::new(list, asked, found, |row| {
            (position(&row), Refund::from(row))
        });
        Ok(Self { page })
    }
}

fn position(row: &Arc<RefundRow>) -> Position {
    Position {
        key: row.created_at.timestamp_micros(),
        id: row.id,
    }
}
