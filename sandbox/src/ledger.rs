//! The truth about an account, read from what it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::account::{Books, Shelf};
use crate::resource::Resource;

/// Every id of an account and the sums of its payments; what cannot be read as an object counts nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// The ids of its charges.
    pub charge_ids: BTreeSet<String>,
    /// The ids of its refunds.
    pub refund_ids: BTreeSet<String>,
    /// The ids of its disputes.
    pub dispute_ids: BTreeSet<String>,
    /// The ids of its payment intents.
    pub payment_intent_ids: BTreeSet<String>,
    /// The ids of its balance transactions.
    pub balance_transaction_ids: BTreeSet<String>,
    /// The ids of its payouts.
    pub payout_ids: BTreeSet<String>,
    /// The ids of its transfers.
    pub transfer_ids: BTreeSet<String>,
    /// The ids of its products.
    pub product_ids: BTreeSet<String>,
    /// The ids of its subscriptions, canceled ones too.
    pub subscription_ids: BTreeSet<String>,
    /// The ids of its setup intents.
    pub setup_intent_ids: BTreeSet<String>,
    /// The ids of its credit notes.
    pub credit_note_ids: BTreeSet<String>,
    /// The ids of its payment methods.
    pub payment_method_ids: BTreeSet<String>,
    /// The ids of its files.
    pub file_ids: BTreeSet<String>,
    /// The ids of its sources, which charges name.
    pub source_ids: BTreeSet<String>,
    /// The ids of its tokens.
    pub token_ids: BTreeSet<String>,
    /// The ids of the items of each subscription.
    pub items_by_subscription: BTreeMap<String, BTreeSet<String>>,
    /// The balance transactions in each automatic payout, the payout's own among them.
    pub transactions_by_payout: BTreeMap<String, BTreeSet<String>>,
    /// The sums by currency and status.
    #[serde(serialize_with = "as_list")]
    pub totals: BTreeMap<(String, PaymentStatus), Total>,
}

/// The state of a payment as the gateway names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// Succeeded and captured.
    Succeeded,
    /// On its way, as bank debits are for days.
    Pending,
    /// Declined, blocked or returned.
    Failed,
    /// Authorised and waiting for its capture.
    RequiresCapture,
    /// Authorised, then released or expired.
    Canceled,
}

impl fmt::Display for PaymentStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Pending => "PENDING",
            Self::Failed => "FAILED",
            Self::RequiresCapture => "REQUIRES_CAPTURE",
            Self::Canceled => "CANCELED",
        })
    }
}

/// The sums of some payments, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// How many payments.
    pub count: u64,
    /// The sum of `amount`.
    pub amount: i64,
    /// The sum of `amount_captured`.
    pub amount_captured: i64,
    /// The sum of `amount_refunded`.
    pub amount_refunded: i64,
}

impl Ledger {
    pub(crate) fn of(books: &Books) -> Self {
        let mut ledger = Self {
            refund_ids: ids(books.shelf(Resource::Refund)),
            dispute_ids: ids(books.shelf(Resource::Dispute)),
            payment_intent_ids: ids(books.shelf(Resource::PaymentIntent)),
            balance_transaction_ids: ids(books.shelf(Resource::BalanceTransaction)),
            payout_ids: ids(books.shelf(Resource::Payout)),
            transfer_ids: ids(books.shelf(Resource::Transfer)),
            product_ids: ids(books.shelf(Resource::Product)),
            subscription_ids: ids(books.shelf(Resource::Subscription)),
            setup_intent_ids: ids(books.shelf(Resource::SetupIntent)),
            credit_note_ids: ids(books.shelf(Resource::CreditNote)),
            payment_method_ids: ids(books.shelf(Resource::PaymentMethod)),
            file_ids: ids(books.shelf(Resource::File)),
            source_ids: ids(books.shelf(Resource::Source)),
            token_ids: ids(books.shelf(Resource::Token)),
            items_by_subscription: by_subscription(books.shelf(Resource::SubscriptionItem)),
            transactions_by_payout: by_payout(books.shelf(Resource::BalanceTransaction)),
            ..Self::default()
        };
        for entry in books.shelf(Resource::Charge).entries() {
            if let Ok(charge) = serde_json::from_str::<Charge>(&entry.json) {
                ledger.add(charge);
            }
        }
        ledger
    }

    fn add(&mut self, charge: Charge) {
        let total = self
            .totals
            .entry((charge.currency.clone(), charge.payment_status()))
            .or_default();
        total.count += 1;
        total.amount += charge.amount;
        total.amount_captured += charge.amount_captured;
        total.amount_refunded += charge.amount_refunded;
        self.charge_ids.insert(charge.id);
    }
}

/// What the ledger reads of a charge.
#[derive(Deserialize)]
struct Charge {
    id: String,
    amount: i64,
    amount_captured: i64,
    amount_refunded: i64,
    captured: bool,
    currency: String,
    refunded: bool,
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Succeeded,
    Pending,
    Failed,
}

impl Charge {
    fn payment_status(&self) -> PaymentStatus {
        match self.status {
            Status::Pending => PaymentStatus::Pending,
            Status::Failed => PaymentStatus::Failed,
            Status::Succeeded if self.captured => PaymentStatus::Succeeded,
            Status::Succeeded if self.refunded => PaymentStatus::Canceled,
            Status::Succeeded => PaymentStatus::RequiresCapture,
        }
    }
}

fn ids(shelf: &Shelf) -> BTreeSet<String> {
    #[derive(Deserialize)]
    struct Object {
        id: String,
    }
    let read = |json: &str| {
        serde_json::from_str::<Object>(json)
            .map(|object| object.id)
            .ok()
    };
    shelf
        .entries()
        .iter()
        .filter_map(|entry| read(&entry.json))
        .collect()
}

fn by_subscription(items: &Shelf) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in items.entries() {
        let subscription = entry.links().find(|(link, _)| link.field == "subscription");
        if let Some((_, subscription)) = subscription {
            let inside = found.entry(subscription.to_owned()).or_default();
            inside.insert(entry.id.to_string());
        }
    }
    found
}

fn by_payout(movements: &Shelf) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in movements.entries() {
        if let Some(payout) = &entry.payout {
            let inside = found.entry(payout.to_string()).or_default();
            inside.insert(entry.id.to_string());
        }
    }
    found
}

/// JSON has no keys of two parts.
fn as_list<S: Serializer>(
    totals: &BTreeMap<(String, PaymentStatus), Total>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        currency: &'a str,
        status: PaymentStatus,
        #[serde(flatten)]
        total: Total,
    }
    let row = |((currency, status), total): (&'_ (String, PaymentStatus), &Total)| {
        (currency.clone(), *status, *total)
    };
    let rows: Vec<_> = totals.iter().map(row).collect();
    serializer.collect_seq(rows.iter().map(|(currency, status, total)| Row {
        currency,
        status: *status,
        total: *total,
    }))
}
