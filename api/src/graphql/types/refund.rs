use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object};

use super::{money::Money, payment::Payment};
use crate::{
    graphql::{error::ApiError, node_id, scalar::DateTime},
    ids::{PaymentId, RefundId},
    storage::RefundRow,
};

/// Money of a payment that went back to the customer.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct Refund(Arc<RefundRow>);

impl From<Arc<RefundRow>> for Refund {
    fn from(row: Arc<RefundRow>) -> Self {
        Self(row)
    }
}

#[Object(use_type_description)]
impl Refund {
    /// The refund's id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        node_id::encode(RefundId(self.0.id))
    }

    /// The refund's id at Stripe.
    async fn stripe_id(&self) -> &str {
        &self.0.stripe_id
    }

    /// How much was given back, in the payment's currency.
    async fn amount(&self) -> Money {
        Money::new(self.0.amount_minor, &self.0.currency)
    }

    /// Stripe's status, e.g. `succeeded`, `pending` or `failed`.
    async fn status(&self) -> &str {
        &self.0.status
    }

    /// Why it was given back, e.g. `requested_by_customer`.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Why it could not be given back.
    async fn failure_reason(&self) -> Option<&str> {
        self.0.failure_reason.as_deref()
    }

    /// When it was created at Stripe.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The payment; null while it is not imported.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>, ApiError> {
        Payment::find(ctx, self.0.payment_id.map(PaymentId)).await
    }
}
