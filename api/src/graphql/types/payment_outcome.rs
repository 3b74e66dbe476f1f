use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::{domain::payment::has_outcome, storage::PaymentRow};

/// What the network, the issuer and Stripe's own rules said to an attempt.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct PaymentOutcome(Arc<PaymentRow>);

impl PaymentOutcome {
    /// The outcome of a payment, where any of it is known.
    pub(in crate::graphql) fn of(row: &Arc<PaymentRow>) -> Option<Self> {
        has_outcome(row).then(|| Self(Arc::clone(row)))
    }
}

#[Object(use_type_description)]
impl PaymentOutcome {
    /// How the card network answered, e.g. `approved_by_network`.
    async fn network_status(&self) -> Option<&str> {
        self.0.outcome_network_status.as_deref()
    }

    /// What became of the attempt, e.g. `authorized`, `issuer_declined` or `blocked`.
    #[graphql(name = "type")]
    async fn kind(&self) -> Option<&str> {
        self.0.outcome_type.as_deref()
    }

    /// Why, in Stripe's words for programs, e.g. `highest_risk_level`.
    async fn reason(&self) -> Option<&str> {
        self.0.outcome_reason.as_deref()
    }

    /// Stripe's estimate of the risk of fraud, e.g. `normal` or `elevated`.
    async fn risk_level(&self) -> Option<&str> {
        self.0.risk_level.as_deref()
    }

    /// The same as a number from 0 to 100.
    async fn risk_score(&self) -> Option<i32> {
        self.0.risk_score
    }

    /// Why, in Stripe's words for the merchant.
    async fn seller_message(&self) -> Option<&str> {
        self.0.outcome_seller_message.as_deref()
    }

    /// Stripe's code for the failure, e.g. `card_declined`.
    async fn failure_code(&self) -> Option<&str> {
        self.0.failure_code.as_deref()
    }

    /// Stripe's sentence about the failure.
    async fn failure_message(&self) -> Option<&str> {
        self.0.failure_message.as_deref()
    }

    /// Stripe's code for the issuer's reason, e.g. `insufficient_funds`.
    async fn decline_code(&self) -> Option<&str> {
        self.0.decline_code.as_deref()
    }

    /// The network's own code for the issuer's reason, e.g. `51`.
    async fn network_decline_code(&self) -> Option<&str> {
        self.0.network_decline_code.as_deref()
    }

    /// The network's advice on trying again, e.g. `03` for never.
    async fn network_advice_code(&self) -> Option<&str> {
        self.0.network_advice_code.as_deref()
    }
}
