//! What lies under `/v1/{collection}`.

use crate::permission::Permission;
use crate::resource::Resource;

/// A collection of objects, its permission and how it is listed.
pub(super) struct Collection {
    pub(super) path: &'static str,
    pub(super) object: &'static str,
    pub(super) permission: Permission,
    pub(super) holds: Holds,
}

/// What a collection holds.
pub(super) enum Holds {
    /// Objects of this resource.
    Kept(Resource),
    /// Nothing, but it lists, with these parameters besides those of all lists.
    Nothing(&'static [&'static str]),
    /// Nothing, and it does not list.
    NothingById,
}

use Holds::{Kept, Nothing, NothingById};
use Permission as P;

const fn collection(
    path: &'static str,
    object: &'static str,
    permission: Permission,
    holds: Holds,
) -> Collection {
    Collection {
        path,
        object,
        permission,
        holds,
    }
}

static COLLECTIONS: [Collection; 23] = [
    collection("charges", "charge", P::ChargeRead, Kept(Resource::Charge)),
    collection("refunds", "refund", P::ChargeRead, Kept(Resource::Refund)),
    collection(
        "disputes",
        "dispute",
        P::DisputeRead,
        Kept(Resource::Dispute),
    ),
    collection(
        "payment_intents",
        "payment_intent",
        P::PaymentIntentRead,
        Kept(Resource::PaymentIntent),
    ),
    collection(
        "balance_transactions",
        "balance transaction",
        P::BalanceTransactionSourceRead,
        Kept(Resource::BalanceTransaction),
    ),
    collection(
        "payouts",
        "payout",
        P::PayoutRead,
        Nothing(&["created", "arrival_date", "status", "destination"]),
    ),
    collection(
        "transfers",
        "transfer",
        P::TransferRead,
        Nothing(&["created", "destination", "transfer_group"]),
    ),
    collection(
        "events",
        "event",
        P::EventRead,
        Nothing(&["created", "type", "types", "delivery_success"]),
    ),
    collection(
        "files",
        "file",
        P::FileRead,
        Nothing(&["created", "purpose"]),
    ),
    collection(
        "products",
        "product",
        P::ProductRead,
        Nothing(&["created", "active", "ids", "shippable", "type", "url"]),
    ),
    collection(
        "setup_intents",
        "setup_intent",
        P::SetupIntentRead,
        Nothing(&[
            "created",
            "attach_to_self",
            "customer",
            "customer_account",
            "payment_method",
        ]),
    ),
    collection(
        "credit_notes",
        "credit_note",
        P::CreditNoteRead,
        Nothing(&["created", "customer", "customer_account", "invoice"]),
    ),
    collection(
        "subscriptions",
        "subscription",
        P::SubscriptionRead,
        Nothing(SUBSCRIPTION_FILTERS),
    ),
    collection(
        "payment_methods",
        "PaymentMethod",
        P::PaymentMethodRead,
        Nothing(&["allow_redisplay", "customer", "customer_account", "type"]),
    ),
    collection(
        "customers",
        "customer",
        P::CustomerRead,
        Nothing(&["created", "email", "test_clock"]),
    ),
    collection(
        "invoices",
        "invoice",
        P::InvoiceRead,
        Nothing(&[
            "created",
            "collection_method",
            "customer",
            "due_date",
            "status",
            "subscription",
        ]),
    ),
    collection(
        "prices",
        "price",
        P::PlanRead,
        Nothing(&["created", "active", "currency", "lookup_keys", "product"]),
    ),
    collection(
        "application_fees",
        "application_fee",
        P::ApplicationFeeRead,
        Nothing(&["created", "charge"]),
    ),
    collection("reviews", "review", P::ReviewRead, Nothing(&["created"])),
    collection("sources", "source", P::SourceRead, NothingById),
    collection("tokens", "token", P::TokenRead, NothingById),
    collection(
        "reporting/report_runs",
        "reporting.report_run",
        P::ReportRead,
        Nothing(&["created"]),
    ),
    collection(
        "reporting/report_types",
        "reporting.report_type",
        P::ReportRead,
        Nothing(&[]),
    ),
];

const SUBSCRIPTION_FILTERS: &[&str] = &[
    "created",
    "automatic_tax",
    "collection_method",
    "current_period_end",
    "current_period_start",
    "customer",
    "customer_account",
    "plan",
    "price",
    "status",
    "test_clock",
];

/// The collection at this path below `/v1/`.
pub(super) fn find(path: &str) -> Option<&'static Collection> {
    COLLECTIONS
        .iter()
        .find(|collection| collection.path == path)
}
