//! The resources whose lists hold something.

use serde::Deserialize;

use crate::permission::Permission;

/// A resource that the sandbox keeps objects of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
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
    /// `/v1/payouts`.
    Payout,
    /// `/v1/transfers`.
    Transfer,
    /// `/v1/products`.
    Product,
    /// `/v1/subscriptions`.
    Subscription,
    /// `/v1/setup_intents`.
    SetupIntent,
    /// `/v1/credit_notes`.
    CreditNote,
    /// `/v1/payment_methods`.
    PaymentMethod,
    /// `/v1/files`.
    File,
    /// `/v1/subscription_items`, listed for one subscription only.
    SubscriptionItem,
    /// `/v1/sources`, by id only.
    Source,
    /// `/v1/tokens`, by id only.
    Token,
}

impl Resource {
    /// All resources, in the order of their shelves.
    pub const ALL: [Self; 16] = [
        Self::Charge,
        Self::Refund,
        Self::Dispute,
        Self::PaymentIntent,
        Self::BalanceTransaction,
        Self::Payout,
        Self::Transfer,
        Self::Product,
        Self::Subscription,
        Self::SetupIntent,
        Self::CreditNote,
        Self::PaymentMethod,
        Self::File,
        Self::SubscriptionItem,
        Self::Source,
        Self::Token,
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
            Self::Payout => "payout",
            Self::Transfer => "transfer",
            Self::Product => "product",
            Self::Subscription => "subscription",
            Self::SetupIntent => "setup_intent",
            Self::CreditNote => "credit_note",
            Self::PaymentMethod => "payment_method",
            Self::File => "file",
            Self::SubscriptionItem => "subscription_item",
            Self::Source => "source",
            Self::Token => "token",
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
            Self::Payout => "/v1/payouts",
            Self::Transfer => "/v1/transfers",
            Self::Product => "/v1/products",
            Self::Subscription => "/v1/subscriptions",
            Self::SetupIntent => "/v1/setup_intents",
            Self::CreditNote => "/v1/credit_notes",
            Self::PaymentMethod => "/v1/payment_methods",
            Self::File => "/v1/files",
            Self::SubscriptionItem => "/v1/subscription_items",
            Self::Source => "/v1/sources",
            Self::Token => "/v1/tokens",
        }
    }

    pub(crate) fn permission(self) -> Permission {
        match self {
            Self::Charge | Self::Refund => Permission::ChargeRead,
            Self::Dispute => Permission::DisputeRead,
            Self::PaymentIntent => Permission::PaymentIntentRead,
            Self::BalanceTransaction => Permission::BalanceTransactionSourceRead,
            Self::Payout => Permission::PayoutRead,
            Self::Transfer => Permission::TransferRead,
            Self::Product => Permission::ProductRead,
            Self::Subscription | Self::SubscriptionItem => Permission::SubscriptionRead,
            Self::SetupIntent => Permission::SetupIntentRead,
            Self::CreditNote => Permission::CreditNoteRead,
            Self::PaymentMethod => Permission::PaymentMethodRead,
            Self::File => Permission::FileRead,
            Self::Source => Permission::SourceRead,
            Self::Token => Permission::TokenRead,
        }
    }

    /// The fields that its list filters by, besides `created`.
    pub(crate) fn filters(self) -> &'static [&'static str] {
        match self {
            Self::Charge => &["customer", "payment_intent", "transfer_group"],
            Self::Refund | Self::Dispute => &["charge", "payment_intent"],
            Self::PaymentIntent => &["customer", "customer_account"],
            Self::BalanceTransaction => &["currency", "payout", "source", "type"],
            Self::Payout => &["destination", "status"],
            Self::Transfer => &["destination", "transfer_group"],
            Self::Product => &["type"],
            Self::Subscription => &["customer", "customer_account", "status"],
            Self::SetupIntent => &["customer", "customer_account", "payment_method"],
            Self::CreditNote => &["customer", "customer_account", "invoice"],
            Self::PaymentMethod => &["allow_redisplay", "customer", "customer_account", "type"],
            Self::File => &["purpose"],
            Self::SubscriptionItem => &["subscription"],
            Self::Source | Self::Token => &[],
        }
    }

    /// The prefix of its ids.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Charge => "ch",
            Self::Refund => "re",
            Self::Dispute => "du",
            Self::PaymentIntent => "pi",
            Self::BalanceTransaction => "txn",
            Self::Payout => "po",
            Self::Transfer => "tr",
            Self::Product => "prod",
            Self::Subscription => "sub",
            Self::SetupIntent => "seti",
            Self::CreditNote => "cn",
            Self::PaymentMethod => "pm",
            Self::File => "file",
            Self::SubscriptionItem => "si",
            Self::Source => "src",
            Self::Token => "tok",
        }
    }

    pub(crate) fn position(self) -> usize {
        self as usize
    }
}
