//! Charges as Stripe writes them.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::buyer::{BillingDetails, Buyer};
use super::method::Method;
use super::outcome::{Decline, Outcome};

/// A charge; fields that are `None` are null unless said otherwise.
#[expect(clippy::struct_excessive_bools, reason = "they are Stripe's")]
#[derive(Clone, Debug, Serialize)]
pub(super) struct Charge {
    pub(super) id: String,
    object: &'static str,
    pub(super) amount: i64,
    pub(super) amount_captured: i64,
    pub(super) amount_refunded: i64,
    application: Option<String>,
    application_fee: Option<String>,
    application_fee_amount: Option<i64>,
    pub(super) balance_transaction: Option<String>,
    billing_details: BillingDetails,
    calculated_statement_descriptor: Option<&'static str>,
    pub(super) captured: bool,
    pub(super) created: i64,
    pub(super) currency: &'static str,
    pub(super) customer: Option<String>,
    pub(super) description: Option<String>,
    pub(super) disputed: bool,
    pub(super) failure_balance_transaction: Option<String>,
    pub(super) failure_code: Option<&'static str>,
    pub(super) failure_message: Option<&'static str>,
    fraud_details: Value,
    livemode: bool,
    pub(super) metadata: Map<String, Value>,
    on_behalf_of: Option<String>,
    pub(super) outcome: Option<Outcome>,
    pub(super) paid: bool,
    pub(super) payment_intent: Option<String>,
    pub(super) payment_method: Option<String>,
    pub(super) payment_method_details: Method,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) presentment_details: Option<Value>,
    pub(super) receipt_email: Option<String>,
    receipt_number: Option<String>,
    pub(super) receipt_url: Option<String>,
    pub(super) refunded: bool,
    review: Option<String>,
    pub(super) shipping: Option<Value>,
    pub(super) source: Option<Value>,
    source_transfer: Option<String>,
    statement_descriptor: Option<String>,
    statement_descriptor_suffix: Option<String>,
    pub(super) status: &'static str,
    transfer_data: Option<Value>,
    transfer_group: Option<String>,
}

/// What a charge is made from before its fate is known.
pub(super) struct Attempt<'a> {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) created: i64,
    pub(super) livemode: bool,
    pub(super) buyer: &'a Buyer,
    pub(super) intent: Option<String>,
    pub(super) method: Method,
    pub(super) description: Option<String>,
    pub(super) metadata: Map<String, Value>,
}

impl Charge {
    /// A charge that went through and was captured whole.
    pub(super) fn succeeded(attempt: Attempt<'_>, outcome: Outcome) -> Self {
        let Attempt {
            id,
            amount,
            created,
            livemode,
            buyer,
            intent,
            method,
            description,
            metadata,
        } = attempt;
        Self {
            receipt_url: Some(format!("https://pay.stripe.com/receipts/payment/{id}")),
            calculated_statement_descriptor: method.is_card().then_some("SANDBOX SHOP"),
            id,
            object: "charge",
            amount,
            amount_captured: amount,
            amount_refunded: 0,
            application: None,
            application_fee: None,
            application_fee_amount: None,
            balance_transaction: None,
            billing_details: buyer.billing.clone(),
            captured: true,
            created,
            currency: buyer.currency.code,
            customer: buyer.customer.clone(),
            description,
            disputed: false,
            failure_balance_transaction: None,
            failure_code: None,
            failure_message: None,
            fraud_details: json!({}),
            livemode,
            metadata,
            on_behalf_of: None,
            outcome: Some(outcome),
            paid: true,
            payment_intent: intent,
            payment_method: Some(buyer.payment_method.clone()),
            payment_method_details: method,
            presentment_details: None,
            receipt_email: buyer.billing.email.clone(),
            receipt_number: None,
            refunded: false,
            review: None,
            shipping: None,
            source: None,
            source_transfer: None,
            statement_descriptor: None,
            statement_descriptor_suffix: None,
            status: "succeeded",
            transfer_data: None,
            transfer_group: None,
        }
    }

    /// Authorised only, with the last moment to capture it.
    pub(super) fn uncaptured(mut self, capture_before: i64) -> Self {
        self.captured = false;
        self.amount_captured = 0;
        if let Method::Card(details) = self.payment_method_details {
            self.payment_method_details =
                Method::Card(Box::new(details.capture_before(capture_before)));
        }
        self
    }

    /// On its way, as debits are.
    pub(super) fn pending(self) -> Self {
        Self {
            status: "pending",
            paid: false,
            amount_captured: self.amount,
            ..self
        }
    }

    /// Declined or blocked: no money moved.
    pub(super) fn failed(self, code: &'static str, message: &'static str) -> Self {
        Self {
            amount_captured: 0,
            captured: false,
            failure_code: Some(code),
            failure_message: Some(message),
            paid: false,
            receipt_url: None,
            status: "failed",
            ..self
        }
    }

    /// Went through, then the bank took the money back.
    pub(super) fn returned(self, failure_balance_transaction: String) -> Self {
        Self {
            failure_balance_transaction: Some(failure_balance_transaction),
            failure_code: Some(Decline::RETURNED.failure),
            failure_message: Some(Decline::RETURNED.message),
            paid: false,
            status: "failed",
            ..self
        }
    }
}
