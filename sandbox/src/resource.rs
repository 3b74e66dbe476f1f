//! The resources whose lists hold something.

use serde::Deserialize;

use crate::permission::Permission;

/// A resource that the sandbox keeps objects of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// `/v1/charges`.
    Charge,
    /// `/v1/refunds`.
    Refund,
    /// `/v1/disputes`.
    Dispute,
    /// `/v1/payment_intents`.
    PaymentIntent,
    /// `/v1/balance_transactions`.
    BalanceTransaction,
}

impl Resource {
    /// All resources, in the order of their shelves.
    pub const ALL: [Self; 5] = [
        Self::Charge,
        Self::Refund,
        Self::Dispute,
        Self::PaymentIntent,
        Self::BalanceTransaction,
    ];

    /// The `object` of its objects.
    #[must_use]
    pub fn object(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::PaymentIntent => "payment_intent",
            Self::BalanceTransaction => "balance_transaction",
        }
    }

    /// The URL of its list.
    #[must_use]
    pub fn url(self) -> &'static str {
        match self {
            Self::Charge => "/v1/charges",
            Self::Refund => "/v1/refunds",
            Self::Dispute => "/v1/disputes",
            Self::PaymentIntent => "/v1/payment_intents",
            Self::BalanceTransaction => "/v1/balance_transactions",
        }
    }

    pub(crate) fn permission(self) -> Permission {
        match self {
            Self::Charge | Self::Refund => Permission::ChargeRead,
            Self::Dispute => Permission::DisputeRead,
            Self::PaymentIntent => Permission::PaymentIntentRead,
            Self::BalanceTransaction => Permission::BalanceTransactionSourceRead,
        }
    }

    /// The fields that its list filters by, besides `created`.
    pub(crate) fn filters(self) -> &'static [&'static str] {
        match self {
            Self::Charge => &["customer", "payment_intent", "transfer_group"],
            Self::Refund | Self::Dispute => &["charge", "payment_intent"],
            Self::PaymentIntent => &["customer", "customer_account"],
            Self::BalanceTransaction => &["currency", "payout", "source", "type"],
        }
    }

    pub(crate) fn position(self) -> usize {
        self as usize
    }
}
