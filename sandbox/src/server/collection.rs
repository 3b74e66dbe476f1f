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
    /// Objects of this resource; besides its filters the list takes these parameters, some of which change nothing.
    Kept(Resource, &'static [&'static str]),
    /// Objects of this resource, which are not listed.
    ById(Resource),
    /// Objects of this resource, listed by this filter only.
    Of(Resource, &'static str),
    /// Nothing, but it lists, with these parameters besides those of all lists.
    Nothing(&'static [&'static str]),
}

use Holds::{ById, Kept, Nothing, Of};
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

static COLLECTIONS: [Collection; 21] = [
    collection(
        "charges",
        "charge",
        P::ChargeRead,
        Kept(Resource::Charge, CREATED),
    ),
    collection(
        "refunds",
        "refund",
        P::ChargeRead,
        Kept(Resource::Refund, CREATED),
    ),
    collection(
        "disputes",
        "dispute",
        P::DisputeRead,
        Kept(Resource::Dispute, CREATED),
    ),
    collection(
        "payment_intents",
        "payment_intent",
        P::PaymentIntentRead,
        Kept(Resource::PaymentIntent, CREATED),
    ),
    collection(
        "balance_transactions",
        "balance transaction",
        P::BalanceTransactionSourceRead,
        Kept(Resource::BalanceTransaction, CREATED),
    ),
    collection(
        "payouts",
        "payout",
        P::PayoutRead,
        Kept(Resource::Payout, &["created", "arrival_date"]),
    ),
    collection(
        "transfers",
        "transfer",
        P::TransferRead,
        Kept(Resource::Transfer, CREATED),
    ),
    collection("files", "file", P::FileRead, Kept(Resource::File, CREATED)),
    collection(
        "products",
        "product",
        P::ProductRead,
        Kept(
            Resource::Product,
            &["created", "active", "ids", "shippable", "url"],
        ),
    ),
    collection(
        "setup_intents",
        "setup_intent",
        P::SetupIntentRead,
        Kept(Resource::SetupIntent, &["created", "attach_to_self"]),
    ),
    collection(
        "credit_notes",
        "credit_note",
        P::CreditNoteRead,
        Kept(Resource::CreditNote, CREATED),
    ),
    collection(
        "subscriptions",
        "subscription",
        P::SubscriptionRead,
        Kept(Resource::Subscription, SUBSCRIPTION_FILTERS),
    ),
    collection(
        "payment_methods",
        "PaymentMethod",
        P::PaymentMethodRead,
        Kept(Resource::PaymentMethod, &[]),
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
    collection(
        "subscription_items",
        "subscription_item",
        P::SubscriptionRead,
        Of(Resource::SubscriptionItem, "subscription"),
    ),
    collection("sources", "source", P::SourceRead, ById(Resource::Source)),
    collection("tokens", "token", P::TokenRead, ById(Resource::Token)),
];

const CREATED: &[&str] = &["created"];

const SUBSCRIPTION_FILTERS: &[&str] = &[
    "created",
    "automatic_tax",
    "collection_method",
    "current_period_end",
    "current_period_start",
    "plan",
    "price",
    "test_clock",
];

/// The collection at this path below `/v1/`.
pub(super) fn find(path: &str) -> Option<&'static Collection> {
    COLLECTIONS
        .iter()
        .find(|collection| collection.path == path)
}
