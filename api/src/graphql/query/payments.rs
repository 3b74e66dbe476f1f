use async_graphql::{Context, ID, Object};

use crate::{
    auth::Scope,
    graphql::{
        context::ContextExt,
        error::ApiError,
        node_id,
        paging::PageArgs,
        types::{
            Payment, PaymentConnection, PaymentDimension, PaymentFilter, PaymentOrder,
            PaymentStats, TimeInterval,
        },
    },
    ids::PaymentId,
};

#[derive(Default)]
pub(super) struct PaymentQuery;

#[Object]
impl PaymentQuery {
    /// A payment by its id; null where there is none. Needs the scope `PAYMENTS_READ`.
    async fn payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the payment.")] id: ID,
    ) -> Result<Option<Payment>, ApiError> {
        ctx.caller_with(Scope::PaymentsRead)?;
        let Some(key) = node_id::decode::<PaymentId>(&id) else {
            return Ok(None);
        };
        Ok(ctx.loaders()?.find(key).await?.map(Payment::from))
    }

    /// The payments of all data connections, also while they are being imported. Needs the scope `PAYMENTS_READ`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the contract")]
    async fn payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries from the front of the list.")] first: Option<i32>,
        #[graphql(desc = "Start behind the entry of this cursor; goes with `first`.")]
        after: Option<String>,
        #[graphql(desc = "How many entries from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "End before the entry of this cursor; goes with `last`.")] before: Option<
            String,
        >,
        #[graphql(desc = "Which payments; all where it is left out.")] filter: Option<
            PaymentFilter,
        >,
        #[graphql(desc = "In which order; newest first where it is left out.")] order_by: Option<
            PaymentOrder,
        >,
    ) -> Result<PaymentConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let filter = filter.unwrap_or_default();
        PaymentConnection::find(ctx, None, filter, order_by.unwrap_or_default(), args).await
    }

    /// Sums over payments, for charts. Needs the scope `PAYMENTS_READ`.
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn payment_stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payments; all where it is left out.")] filter: Option<
            PaymentFilter,
        >,
        #[graphql(desc = "How long an interval is; one sum over all time where it is left out.")]
        interval: Option<TimeInterval>,
        #[graphql(desc = "What to group by, beside the interval and the currency.")]
        group_by: Option<Vec<PaymentDimension>>,
        #[graphql(
            desc = "The IANA name of the time zone in which days begin, e.g. \"Europe/Berlin\"; UTC where it is left out."
        )]
        time_zone: Option<String>,
    ) -> Result<Vec<PaymentStats>, ApiError> {
        let _ = (filter, interval, group_by, time_zone);
        ctx.caller_with(Scope::PaymentsRead)?;
        Err(ApiError::not_implemented("paymentStats"))
    }
}
