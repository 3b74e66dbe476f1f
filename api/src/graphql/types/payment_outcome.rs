use crate::{
    graphql::flat::flat_part,
    storage::{PaymentRow, ReadPayment},
};

flat_part! {
    /// What the network, the issuer and Stripe's own rules said to an attempt.
    PaymentOutcome of PaymentRow {
        /// How the card network answered, e.g. `approved_by_network`.
        networkStatus: optional_text[OutcomeNetworkStatus] = |row| row.outcome_network_status.as_deref();
        /// What became of the attempt, e.g. `authorized`, `issuer_declined` or `blocked`.
        type: optional_text[OutcomeType] = |row| row.outcome_type.as_deref();
        /// Why, in Stripe's words for programs, e.g. `highest_risk_level`.
        reason: optional_text[OutcomeReason] = |row| row.outcome_reason.as_deref();
        /// Stripe's estimate of the risk of fraud, e.g. `normal` or `elevated`.
        riskLevel: optional_text[RiskLevel] = |row| row.risk_level.as_deref();
        /// The same as a number from 0 to 100.
        riskScore: scalar[RiskScore] = |row| row.risk_score;
        /// Why, in Stripe's words for the merchant.
        sellerMessage: optional_text[OutcomeSellerMessage] = |row| row.outcome_seller_message.as_deref();
        /// Stripe's code for the failure, e.g. `card_declined`.
        failureCode: optional_text[FailureCode] = |row| row.failure_code.as_deref();
        /// Stripe's sentence about the failure.
        failureMessage: optional_text[FailureMessage] = |row| row.failure_message.as_deref();
        /// Stripe's code for the issuer's reason, e.g. `insufficient_funds`.
        declineCode: optional_text[DeclineCode] = |row| row.decline_code.as_deref();
        /// The network's own code for the issuer's reason, e.g. `51`.
        networkDeclineCode: optional_text[NetworkDeclineCode] = |row| row.network_decline_code.as_deref();
        /// The network's advice on trying again, e.g. `03` for never.
        networkAdviceCode: optional_text[NetworkAdviceCode] = |row| row.network_advice_code.as_deref();
    }
}

impl PaymentOutcome {
    /// The outcome of a payment, where any of it is known.
    pub(in crate::graphql) fn of(row: &ReadPayment) -> Option<&PaymentRow> {
        row.has_outcome().then_some(row)
    }
}
