use std::sync::Arc;

use async_graphql::{
    ComplexObject, Context, Description, Enum, ID, ServerResult, Value,
    registry::{MetaField, Registry},
};

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
        flat::{Held, columns_under, enum_leaf, flat},
        loader::DisputesOf,
        node_id,
        paging::PageArgs,
        scalar::{CountryCode, DateTime, Decimal, Json},
    },
    ids::{ConnectionId, PaymentId},
    storage::{self, PaymentRow, ReadPayment},
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

enum_leaf!(PaymentStatus);

/// One attempt to charge a customer (a Stripe charge), with what later became of it.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct Payment(Arc<ReadPayment>);

impl From<Arc<ReadPayment>> for Payment {
    fn from(row: Arc<ReadPayment>) -> Self {
        Self(row)
    }
}

flat! {
    Payment of ReadPayment {
        /// The payment's id.
        id: scalar[Id] = |row| node_id::encode(PaymentId(row.id));
        connection: loaded[ConnectionId];
        /// The charge's id at Stripe, which starts with `ch_` or `py_`.
        stripeId: text[StripeId] = |row| &row.stripe_id;
        /// The id of the payment intent that the attempt belongs to; attempts of one intent share it.
        paymentIntentId: optional_text[PaymentIntentId] = |row| row.payment_intent_id.as_deref();
        /// What became of it.
        status: scalar[Status] = |row| PaymentStatus::from(row.status);
        /// What the customer was to pay.
        amount: made<Money>[AmountMinor, Currency] = |row| Money::new(row.amount_minor, &row.currency);
        /// What was taken.
        amountCaptured: made<Money>[AmountCapturedMinor, Currency] = |row| Money::new(row.amount_captured_minor, &row.currency);
        /// What was given back so far.
        amountRefunded: made<Money>[AmountRefundedMinor, Currency] = |row| Money::new(row.amount_refunded_minor, &row.currency);
        /// What Stripe kept, in the settlement currency; null until Stripe has a balance transaction.
        fee: optional_made<Money>[FeeMinor, SettlementCurrency] = |row| settled(row, row.fee_minor);
        /// What came to the balance, in the settlement currency; null until Stripe has a balance transaction.
        net: optional_made<Money>[NetMinor, SettlementCurrency] = |row| settled(row, row.net_minor);
        /// The amount times this is the amount in the settlement currency; null where nothing was converted.
        exchangeRate: scalar[ExchangeRate] = |row| row.exchange_rate.clone().map(Decimal);
        /// When it was created at Stripe.
        createdAt: scalar[CreatedAt] = |row| DateTime(row.created_at);
        /// When what stands here was last seen to be true at Stripe.
        updatedAt: scalar[ObservedAt] = |row| DateTime(row.observed_at);
        /// Whether real money moved: false in Stripe's test mode.
        livemode: scalar[Livemode] = |row| row.livemode;
        /// The customer's id at Stripe, which starts with `cus_`.
        customerId: optional_text[CustomerId] = |row| row.customer_id.as_deref();
        /// The country of the billing address.
        customerCountry: scalar[CustomerCountry] = |row| row.customer_country.clone().map(CountryCode);
        /// The merchant's own words on the payment.
        description: optional_text[Description] = |row| row.description.as_deref();
        /// What the customer sees on the statement.
        statementDescriptor: optional_text[StatementDescriptor] = |row| row.statement_descriptor.as_deref();
        /// How the payment was started with stored credentials, e.g. one-time, recurring, card-on-file.
        storedCredential: optional_text[StoredCredential] = |row| row.stored_credential.as_deref();
        /// How it was paid.
        method: part<PaymentMethodDetails>[] = |row| row;
        /// What the network, the issuer and Stripe's own rules said; null where nothing is known.
        outcome: optional_part<PaymentOutcome>[HasOutcome] = PaymentOutcome::of;
        refunds: loaded[];
        disputes: loaded[];
        /// Whether it was ever disputed.
        disputed: scalar[Disputed] = |row| row.disputed;
        /// The id of the payout that brought it to the bank, which starts with `po_`.
        payoutId: optional_text[PayoutId] = |row| row.payout_id.as_deref();
        /// The card network's own id of the transaction.
        networkTransactionId: optional_text[NetworkTransactionId] = |row| row.network_transaction_id.as_deref();
        /// What the merchant stored with the payment: an object of strings, with card numbers masked.
        metadata: scalar[Metadata] @ cost::apply(10), = |row| Json(row.metadata.clone());
    }
}

/// What is in the settlement currency.
fn settled(row: &PaymentRow, minor: Option<i64>) -> Option<Money> {
    Some(Money::new(minor?, row.settlement_currency.as_deref()?))
}

impl Held for Payment {
    fn of(&self) -> &ReadPayment {
        &self.0
    }

    fn loaded(registry: &mut Registry) -> Vec<(String, MetaField)> {
        <Self as ComplexObject>::fields(registry)
    }

    async fn load(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        ComplexObject::resolve_field(self, ctx).await
    }
}

#[ComplexObject]
impl Payment {
    /// The data connection that received the payment; needs the scope `CONNECTIONS_READ`.
    async fn connection(&self, ctx: &Context<'_>) -> Result<DataConnection, ApiError> {
        ctx.caller_with(Scope::ConnectionsRead)?;
        let row = ctx
            .loaders()?
            .load(ConnectionId(self.0.connection_id))
            .await?;
        Ok(DataConnection::from(row))
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
}

impl Payment {
    /// The payment of an id, with what is selected of the field being resolved; none without an id, or where the workspace
    /// has none.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        id: Option<PaymentId>,
    ) -> Result<Option<Self>, ApiError> {
        let Some(id) = id else {
            return Ok(None);
        };
        let columns = columns_under::<Self>(ctx, &[&[]]);
        let found = ctx.loaders()?.find((id, columns)).await?;
        Ok(found.map(Self::from))
    }

    /// The payment's id, as the interface `Node` asks for it.
    #[expect(
        clippy::unused_async,
        reason = "the library's interfaces ask for futures"
    )]
    pub(in crate::graphql) async fn id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(node_id::encode(PaymentId(self.0.id)))
    }
}
