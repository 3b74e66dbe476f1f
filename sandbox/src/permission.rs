//! What a restricted key may do, in Stripe's own permission names.

use std::collections::BTreeSet;

use serde::Deserialize;

/// A permission of a restricted key; the first twenty are the rows of the connection guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Permission {
    /// Balance.
    BalanceRead,
    /// Balance Transaction Sources.
    BalanceTransactionSourceRead,
    /// Balance Transfers.
    TransferRead,
    /// Charges and Refunds.
    ChargeRead,
    /// Events.
    EventRead,
    /// Files.
    FileRead,
    /// Payment Disputes.
    DisputeRead,
    /// Payment Intents.
    PaymentIntentRead,
    /// Payment Methods.
    PaymentMethodRead,
    /// Payouts.
    PayoutRead,
    /// Products.
    ProductRead,
    /// Setup Intents.
    SetupIntentRead,
    /// Sources.
    SourceRead,
    /// Tokens.
    TokenRead,
    /// Credit notes.
    CreditNoteRead,
    /// Subscriptions.
    SubscriptionRead,
    /// Terminal SKUs, which no endpoint asks for.
    SkuRead,
    /// Financial Reports.
    ReportRead,
    /// Webhook Endpoints, write; reading is included.
    WebhookWrite,
    /// Event Destinations, write; reading is included.
    EventDestinationWrite,
    /// Webhook Endpoints, read only.
    WebhookRead,
    /// Event Destinations, read only.
    EventDestinationRead,
    /// Connect accounts, which `GET /v1/account` asks for.
    AccountRead,
    /// Customers.
    CustomerRead,
    /// Invoices.
    InvoiceRead,
    /// Plans, prices and products.
    PlanRead,
    /// Application fees.
    ApplicationFeeRead,
    /// Reviews.
    ReviewRead,
}

use Permission::{
    AccountRead, ApplicationFeeRead, BalanceRead, BalanceTransactionSourceRead, ChargeRead,
    CreditNoteRead, CustomerRead, DisputeRead, EventDestinationRead, EventDestinationWrite,
    EventRead, FileRead, InvoiceRead, PaymentIntentRead, PaymentMethodRead, PayoutRead, PlanRead,
    ProductRead, ReportRead, ReviewRead, SetupIntentRead, SkuRead, SourceRead, SubscriptionRead,
    TokenRead, TransferRead, WebhookRead, WebhookWrite,
};

const NAMES: [(Permission, &str); 28] = [
    (BalanceRead, "rak_balance_read"),
    (
        BalanceTransactionSourceRead,
        "rak_balance_transaction_source_read",
    ),
    (TransferRead, "rak_transfer_read"),
    (ChargeRead, "rak_charge_read"),
    (EventRead, "rak_event_read"),
    (FileRead, "rak_file_read"),
    (DisputeRead, "rak_dispute_read"),
    (PaymentIntentRead, "rak_payment_intent_read"),
    (PaymentMethodRead, "rak_payment_method_read"),
    (PayoutRead, "rak_payout_read"),
    (ProductRead, "rak_product_read"),
    (SetupIntentRead, "rak_setup_intent_read"),
    (SourceRead, "rak_source_read"),
    (TokenRead, "rak_token_read"),
    (CreditNoteRead, "rak_credit_note_read"),
    (SubscriptionRead, "rak_subscription_read"),
    (SkuRead, "rak_sku_read"),
    (ReportRead, "rak_report_runs_and_report_types_read"),
    (WebhookWrite, "rak_webhook_write"),
    (EventDestinationWrite, "rak_event_destination_write"),
    (WebhookRead, "rak_webhook_read"),
    (EventDestinationRead, "rak_event_destination_read"),
    (AccountRead, "rak_accounts_kyc_basic_read"),
    (CustomerRead, "rak_customer_read"),
    (InvoiceRead, "rak_invoice_read"),
    (PlanRead, "rak_plan_read"),
    (ApplicationFeeRead, "rak_application_fee_read"),
    (ReviewRead, "rak_review_read"),
];

const READ_OF_WRITE: [(Permission, Permission); 2] = [
    (WebhookRead, WebhookWrite),
    (EventDestinationRead, EventDestinationWrite),
];

impl Permission {
    /// The twenty rows of the connection guide, in its order.
    pub const GUIDE: [Self; 20] = [
        BalanceRead,
        BalanceTransactionSourceRead,
        TransferRead,
        ChargeRead,
        EventRead,
        FileRead,
        DisputeRead,
        PaymentIntentRead,
        PaymentMethodRead,
        PayoutRead,
        ProductRead,
        SetupIntentRead,
        SourceRead,
        TokenRead,
        CreditNoteRead,
        SubscriptionRead,
        SkuRead,
        ReportRead,
        WebhookWrite,
        EventDestinationWrite,
    ];

    /// The name as error messages spell it, with `rak_` in front.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(permission, _)| *permission == self)
            .map_or("rak_unknown", |(_, name)| name)
    }

    /// The permission of a name as error messages spell it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(permission, _)| *permission)
    }
}

impl TryFrom<String> for Permission {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::from_name(&name).ok_or_else(|| format!("no such permission: {name}"))
    }
}

/// The permissions that a restricted key is made with.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grants {
    /// The twenty rows of the guide and the account itself.
    All,
    /// The twenty rows of the guide; `GET /v1/account` is refused.
    Guide,
    /// These and nothing else.
    Only(Vec<Permission>),
    /// All but these; without a write permission its read stays, without a read permission its write goes too.
    AllBut(Vec<Permission>),
}

impl Grants {
    /// What the manifest of an app asks for: everything that reads.
    pub(crate) fn app() -> Self {
        Self::AllBut(vec![WebhookWrite, EventDestinationWrite])
    }

    /// The granted permissions, reads that come with a write included.
    pub(crate) fn permissions(&self) -> BTreeSet<Permission> {
        let guide = || Permission::GUIDE.into_iter();
        match self {
            Self::All => with_reads(guide().chain([AccountRead])),
            Self::Guide => with_reads(guide()),
            Self::Only(granted) => with_reads(granted.iter().copied()),
            Self::AllBut(refused) => {
                let mut granted = with_reads(guide().chain([AccountRead]));
                granted.retain(|permission| !refused.contains(permission));
                for (read, write) in READ_OF_WRITE {
                    if refused.contains(&read) {
                        granted.remove(&write);
                    }
                }
                granted
            }
        }
    }
}

fn with_reads(permissions: impl Iterator<Item = Permission>) -> BTreeSet<Permission> {
    let mut granted: BTreeSet<_> = permissions.collect();
    for (read, write) in READ_OF_WRITE {
        if granted.contains(&write) {
            granted.insert(read);
        }
    }
    granted
}
