use async_graphql::{Context, Object};

use crate::graphql::{error::ApiError, paging::PageArgs, types::PaymentExportConnection};

#[derive(Default)]
pub(super) struct ExportQuery;

#[Object]
impl ExportQuery {
    /// The workspace's exports of the last 30 days, newest first. Needs the scope `PAYMENTS_READ`.
    async fn exports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries from the front of the list.")] first: Option<i32>,
        #[graphql(desc = "Start behind the entry of this cursor; goes with `first`.")]
        after: Option<String>,
        #[graphql(desc = "How many entries from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "End before the entry of this cursor; goes with `last`.")] before: Option<
            String,
        >,
    ) -> Result<PaymentExportConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        PaymentExportConnection::find(ctx, args).await
    }
}
