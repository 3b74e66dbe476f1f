use std::sync::Arc;

use async_graphql::{Context, Description, Enum, ID, Object};

use super::{
    card_details::PaymentMethodDetails, data_connection::DataConnection, dispute::Dispute,
    lists::RefundConnection, money::Money, payment_outcome::PaymentOutcome,
};
use crate::{
    auth::Scope,
    graphql::{
        context::ContextExt,
        cost::{cost, list_size},
        error::ApiError,
        loader::DisputesOf,
        node_id,
        paging::PageArgs,
        scalar::{CountryCode, DateTime, Decimal, Json},
    },
    ids::{ConnectionId, PaymentId},
    storage::{self, PaymentRow},
};

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "storage::PaymentStatus")]
pub(in crate::graphql) enum PaymentStatus {
    /// The money was taken.
    Succeeded,
    /// Whether the money comes is not known yet, as with bank debits.
    Pending,
    /// The attempt was declined or failed.
    Failed,
    /// The money is reserved and waits to be captured.
    RequiresCapture,
    /// The reserved money was let go.
    Canceled,
}

/// One attempt to charge a customer (a Stripe charge), with what later became of it.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct Payment(Arc<PaymentRow>);

impl From<Arc<PaymentRow>> for Payment {
    fn from(row: Arc<PaymentRow>) -> Self {
        Self(row)
    }
}

impl From<PaymentRow> for Payment {
    fn from(row: PaymentRow) -> Self {
        Self(Arc::new(row))
    }
}

impl Payment {
    fn money(&self, minor: i64) -> Money {
        Money::new(minor, &self.0.currency)
    }

    fn settled(&self, minor: Option<i64>) -> Option<Money> {
        Some(Money::new(minor?, self.0.settlement_currency.as_deref()?))
    }
}

#[Object(use_type_description)]
impl Payment {
    /// The payment's id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        node_id::encode(PaymentId(self.0.id))
    }

    /// The data connection that received the payment; needs the scope `CONNECTIONS_READ`.
    async fn connection(&self, ctx: &Context<'_>) -> Result<DataConnection, ApiError> {
        ctx.caller_with(Scope::ConnectionsRead)?;
        let row = ctx
            .loaders()?
            .load(ConnectionId(self.0.connection_id))
            .await?;
        Ok(DataConnection::from(row))
    }

    /// The charge's id at Stripe, which starts with `ch_` or `py_`.
    async fn stripe_id(&self) -> &str {
        &self.0.stripe_id
    }

    /// The id of the payment intent that the attempt belongs to; attempts of one intent share it.
    async fn payment_intent_id(&self) -> Option<&str> {
        self.0.payment_intent_id.as_deref()
    }

    /// What became of it.
    async fn status(&self) -> PaymentStatus {
        self.0.status.into()
    }

    /// What the customer was to pay.
    async fn amount(&self) -> Money {
        self.money(self.0.amount_minor)
    }

    /// What was taken.
    async fn amount_captured(&self) -> Money {
        self.money(self.0.amount_captured_minor)
    }

    /// What was given back so far.
    async fn amount_refunded(&self) -> Money {
        self.money(self.0.amount_refunded_minor)
    }

    /// What Stripe kept, in the settlement currency; null until Stripe has a balance transaction.
    async fn fee(&self) -> Option<Money> {
        self.settled(self.0.fee_minor)
    }

    /// What came to the balance, in the settlement currency; null until Stripe has a balance transaction.
    async fn net(&self) -> Option<Money> {
        self.settled(self.0.net_minor)
    }

    /// The amount times this is the amount in the settlement currency; null where nothing was converted.
    async fn exchange_rate(&self) -> Option<Decimal> {
        self.0.exchange_rate.clone().map(Decimal)
    }

    /// When it was created at Stripe.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When what stands here was last seen to be true at Stripe.
    async fn updated_at(&self) -> DateTime {
        self.0.observed_at.into()
    }

    /// Whether real money moved: false in Stripe's test mode.
    async fn livemode(&self) -> bool {
        self.0.livemode
    }

    /// The customer's id at Stripe, which starts with `cus_`.
    async fn customer_id(&self) -> Option<&str> {
        self.0.customer_id.as_deref()
    }

    /// The country of the billing address.
    async fn customer_country(&self) -> Option<CountryCode> {
        self.0.customer_country.clone().map(CountryCode)
    }

    /// The merchant's own words on the payment.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// What the customer sees on the statement.
    async fn statement_descriptor(&self) -> Option<&str> {
        self.0.statement_descriptor.as_deref()
    }

    /// How the payment was started with stored credentials, e.g. one-time, recurring, card-on-file.
    async fn stored_credential(&self) -> Option<&str> {
        self.0.stored_credential.as_deref()
    }

    /// How it was paid.
    async fn method(&self) -> PaymentMethodDetails {
        PaymentMethodDetails(Arc::clone(&self.0))
    }

    /// What the network, the issuer and Stripe's own rules said; null where nothing is known.
    async fn outcome(&self) -> Option<PaymentOutcome> {
        PaymentOutcome::of(&self.0)
    }

    /// What was given back, newest first.
    async fn refunds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries from the front of the list.")] first: Option<i32>,
        #[graphql(desc = "Start behind the entry of this cursor; goes with `first`.")]
        after: Option<String>,
        #[graphql(desc = "How many entries from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "End before the entry of this cursor; goes with `last`.")] before: Option<
            String,
        >,
    ) -> Result<RefundConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        RefundConnection::of_payment(ctx, PaymentId(self.0.id), args).await
    }

    /// Every claim against it, newest first.
    #[graphql(directive = list_size::apply(2))]
    async fn disputes(&self, ctx: &Context<'_>) -> Result<Vec<Dispute>, ApiError> {
        let rows = ctx
            .loaders()?
            .find(DisputesOf(PaymentId(self.0.id)))
            .await?;
        Ok(rows
            .unwrap_or_default()
            .into_iter()
            .map(Dispute::from)
            .collect())
    }

    /// Whether it was ever disputed.
    async fn disputed(&self) -> bool {
        self.0.disputed
    }

    /// The id of the payout that brought it to the bank, which starts with `po_`.
    async fn payout_id(&self) -> Option<&str> {
        self.0.payout_id.as_deref()
    }

    /// The card network's own id of the transaction.
    async fn network_transaction_id(&self) -> Option<&str> {
        self.0.network_transaction_id.as_deref()
    }

    /// What the merchant stored with the payment: an object of strings, with card numbers masked.
    #[graphql(directive = cost::apply(10))]
    async fn metadata(&self) -> Json {
        Json(self.0.metadata.clone())
    }
}
