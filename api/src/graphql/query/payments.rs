use async_graphql::{Context, ID, Object};

use crate::{
    auth::Scope,
    domain::payment::StatsSearch,
    graphql::{
        context::ContextExt,
        cost::{cost, list_size},
        error::ApiError,
        node_id,
        paging::PageArgs,
        types::{
            Payment, PaymentConnection, PaymentDimension, PaymentFilter, PaymentOrder,
            PaymentStats, TimeInterval,
        },
    },
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
        Payment::find(ctx, node_id::decode(&id)).await
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

    /// Sums over payments, for charts, in the order of intervals, currencies and dimensions; currencies are never added up.
    /// Without a beginning in the filter's `createdAt` they begin with the first payment. At most 4,000 intervals and 10,000
    /// rows. Needs the scope `PAYMENTS_READ`.
    #[graphql(directive = cost::apply(500), directive = list_size::apply(100))]
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
            desc = "The IANA name of the time zone in which intervals begin, e.g. \"Europe/Berlin\"; UTC where it is left out."
        )]
        time_zone: Option<String>,
        #[graphql(
            default = false,
            desc = "Count the attempts of one payment intent once, by how it ended: the attempt that did not fail, or else the last one, counts where it was made; the others are left out."
        )]
        count_retries_once: bool,
    ) -> Result<Vec<PaymentStats>, ApiError> {
        let caller = ctx.caller_with(Scope::PaymentsRead)?;
        let mut dimensions = Vec::new();
        for dimension in group_by.unwrap_or_default() {
            if !dimensions.contains(&dimension) {
                dimensions.push(dimension);
            }
        }
        let search = StatsSearch {
            payments: filter.unwrap_or_default().into_search(None),
            interval: interval.map(Into::into),
            group_by: dimensions.iter().filter_map(|one| one.column()).collect(),
            time_zone,
            retries_once: count_retries_once,
        };
        let rows = ctx
            .gateway()?
            .payment_stats(caller.workspace, &search)
            .await?;
        PaymentStats::all(ctx, rows, &dimensions).await
    }
}
