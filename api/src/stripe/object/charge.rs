//! One attempt at a payment.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{BalanceTransaction, Expandable, Outcome, PaymentMethodDetails, lenient};

/// A charge (Stripe contract sections 7.1, 7.3 and 7.6).
///
/// An authorisation that was not captured is `succeeded` and `paid` too: look at `captured`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the flags are Stripe's")]
pub struct Charge {
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    pub livemode: bool,
    /// `succeeded`, `pending` or `failed`, so far.
    pub status: String,
    /// What was authorised, in the currency's smallest unit, as all amounts.
    pub amount: i64,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub captured: bool,
    /// Only when all is refunded.
    pub refunded: bool,
    pub paid: bool,
    /// Lower-case ISO code.
    pub currency: String,
    #[serde(default, deserialize_with = "lenient::id")]
    pub customer: Option<String>,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    /// What the buyer really sees.
    pub calculated_statement_descriptor: Option<String>,
    /// Stays true after a dispute was won.
    pub disputed: bool,
    pub failure_code: Option<String>,
    pub failure_message: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub outcome: Option<Outcome>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub payment_intent: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub payment_method_details: Option<PaymentMethodDetails>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub billing_details: Option<BillingDetails>,
    #[serde(default, deserialize_with = "lenient::metadata")]
    pub metadata: BTreeMap<String, String>,
    /// Comes later than the charge, and never for a failed or uncaptured one.
    pub balance_transaction: Option<Expandable<BalanceTransaction>>,
    /// The return of a debit that had succeeded.
    pub failure_balance_transaction: Option<Expandable<BalanceTransaction>>,
    /// The older way to pay; a source, or something else that has an id.
    #[serde(default, deserialize_with = "lenient::object")]
    pub source: Option<PaidWith>,
    /// The id of a payment method, or of a source.
    #[serde(default, deserialize_with = "lenient::id")]
    pub payment_method: Option<String>,
    network_transaction_id: Option<String>,
}

/// What an older charge was paid with; only its name is read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct PaidWith {
    pub id: Option<String>,
}

/// Where the buyer is billed; the rest of the address is not read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct BillingDetails {
    #[serde(default, deserialize_with = "lenient::object")]
    pub address: Option<Address>,
}

/// As much of an address as Inlet keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Address {
    pub country: Option<String>,
    pub postal_code: Option<String>,
}

impl Charge {
    /// The card network's id of the payment, wherever Stripe put it.
    #[must_use]
    pub fn network_transaction_id(&self) -> Option<&str> {
        let card = self
            .payment_method_details
            .as_ref()
            .and_then(|method| method.card.as_ref());
        card.and_then(|card| card.network_transaction_id.as_deref())
            .or(self.network_transaction_id.as_deref())
    }
}
