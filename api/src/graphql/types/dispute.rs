use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object};

use super::{money::Money, payment::Payment};
use crate::{
    graphql::{error::ApiError, node_id, scalar::DateTime},
    ids::{DisputeId, PaymentId},
    storage::DisputeRow,
};

/// A customer's claim against a payment at the bank.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct Dispute(Arc<DisputeRow>);

impl From<Arc<DisputeRow>> for Dispute {
    fn from(row: Arc<DisputeRow>) -> Self {
        Self(row)
    }
}

#[Object(use_type_description)]
impl Dispute {
    /// The dispute's id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        node_id::encode(DisputeId(self.0.id))
    }

    /// The dispute's id at Stripe.
    async fn stripe_id(&self) -> &str {
        &self.0.stripe_id
    }

    /// How much is disputed.
    async fn amount(&self) -> Money {
        Money::new(self.0.amount_minor, &self.0.currency)
    }

    /// Stripe's status, e.g. `needs_response`, `won` or `lost`.
    async fn status(&self) -> &str {
        &self.0.status
    }

    /// Stripe's name for the customer's reason, e.g. `fraudulent`.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The card network's own code for the reason.
    async fn network_reason_code(&self) -> Option<&str> {
        self.0.network_reason_code.as_deref()
    }

    /// Until when evidence is taken.
    async fn evidence_due_by(&self) -> Option<DateTime> {
        self.0.evidence_due_by.map(DateTime)
    }

    /// When it was opened.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The payment; null while it is not imported.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>, ApiError> {
        Payment::find(ctx, self.0.payment_id.map(PaymentId)).await
    }
}
