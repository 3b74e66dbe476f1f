//! What is kept of a charge. No names, e-mail addresses, phone numbers or streets are.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value;

use super::{card_number::mask, time::at};
use crate::{
    domain::{import::PageOrigin, money::Money},
    ids::PaymentId,
    storage::{PaymentRow, PaymentStatus},
    stripe::{
        Unintelligible,
        object::{BalanceTransaction, Charge, Outcome},
    },
};

/// The longest BIN that may be kept beside the last four digits (PCI DSS, truncation).
const LONGEST_BIN: usize = 8;

/// The payment that a charge is.
pub(in crate::domain) fn payment_row(
    origin: PageOrigin,
    mut charge: Charge,
) -> Result<PaymentRow, Unintelligible> {
    let status = status(&charge);
    let stored_credential = stored_credential(&charge);
    let network_transaction_id = charge.network_transaction_id().map(str::to_owned);
    let statement_descriptor = statement_descriptor(&mut charge);
    let money = money(charge.amount, charge.currency);
    let method = charge.payment_method_details.unwrap_or_default();
    let mut card = method.card.unwrap_or_default();
    let secure = card.three_d_secure.take().unwrap_or_default();
    let checks = card.checks.take().unwrap_or_default();
    let outcome = charge.outcome.unwrap_or_default();
    let ledger = charge.balance_transaction.as_ref();
    let settled = ledger.and_then(|transaction| transaction.object());
    let billing = charge.billing_details.unwrap_or_default();
    let address = billing.address.unwrap_or_default();
    Ok(PaymentRow {
        id: PaymentId::of(origin.connection, &charge.id).0,
        workspace_id: origin.workspace.0,
        connection_id: origin.connection.0,
        stripe_id: charge.id,
        payment_intent_id: charge.payment_intent,
        status,
        livemode: charge.livemode,
        created_at: at(charge.created)?,
        observed_at: origin.observed_at,
        amount_minor: money.minor,
        amount_thousandths: money.thousandths(),
        currency: money.currency,
        amount_captured_minor: charge.amount_captured,
        amount_refunded_minor: charge.amount_refunded,
        disputed: charge.disputed,
        balance_transaction_id: ledger.map(|transaction| transaction.id().to_owned()),
        settlement_currency: settled.map(|settled| settled.currency.to_ascii_lowercase()),
        fee_minor: settled.map(|settled| settled.fee),
        net_minor: settled.map(|settled| settled.net),
        exchange_rate: settled.and_then(exchange_rate),
        payout_id: None,
        customer_id: charge.customer,
        customer_country: upper_case(address.country),
        customer_postal_code: address.postal_code,
        description: charge.description.map(masked),
        statement_descriptor,
        stored_credential,
        metadata: metadata(charge.metadata),
        method_type: method.kind.unwrap_or_else(|| "unknown".to_owned()),
        card_bin: card.iin.map(bin),
        card_brand: card.brand,
        card_network: card.network,
        card_last4: card.last4,
        card_issuer: card.issuer,
        card_country: upper_case(card.country),
        card_funding: card.funding,
        card_exp_month: card.exp_month,
        card_exp_year: card.exp_year,
        card_fingerprint: card.fingerprint,
        card_wallet: card.wallet.and_then(|wallet| wallet.kind),
        three_d_secure_result: secure.result,
        three_d_secure_version: secure.version,
        three_d_secure_flow: secure.authentication_flow,
        check_address_line1: checks.address_line1_check,
        check_postal_code: checks.address_postal_code_check,
        check_cvc: checks.cvc_check,
        network_transaction_id,
        decline_code: decline_code(&outcome),
        outcome_network_status: outcome.network_status,
        outcome_type: outcome.kind,
        outcome_reason: outcome.reason,
        outcome_seller_message: outcome.seller_message,
        risk_level: outcome.risk_level,
        risk_score: outcome.risk_score,
        failure_code: charge.failure_code,
        failure_message: charge.failure_message.map(masked),
        network_decline_code: outcome.network_decline_code,
        network_advice_code: outcome.network_advice_code,
    })
}

fn money(minor: i64, mut currency: String) -> Money {
    currency.make_ascii_lowercase();
    Money { minor, currency }
}

/// What the buyer sees, where Stripe tells.
fn statement_descriptor(charge: &mut Charge) -> Option<String> {
    let calculated = charge.calculated_statement_descriptor.take();
    calculated.or_else(|| charge.statement_descriptor.take())
}

/// An authorisation that is not captured is `succeeded` at Stripe too; one that was released or has expired counts
/// as refunded there (Stripe contract section 7.3).
fn status(charge: &Charge) -> PaymentStatus {
    match charge.status.as_str() {
        "failed" => PaymentStatus::Failed,
        "succeeded" if charge.captured => PaymentStatus::Succeeded,
        "succeeded" if charge.refunded => PaymentStatus::Canceled,
        "succeeded" => PaymentStatus::RequiresCapture,
        // `pending`, and what is new to us: nothing final is known.
        _ => PaymentStatus::Pending,
    }
}

/// The charge has no decline code of its own: it is the reason of an issuer's refusal (Stripe contract section 7.6).
fn decline_code(outcome: &Outcome) -> Option<String> {
    let declined = outcome.kind.as_deref() == Some("issuer_declined");
    outcome.reason.clone().filter(|_| declined)
}

/// Stripe writes these descriptions itself (Stripe contract section 8); nothing else on a charge tells.
fn stored_credential(charge: &Charge) -> Option<String> {
    let description = charge.description.as_deref()?;
    let recurring = matches!(description, "Subscription creation" | "Subscription update");
    recurring.then(|| "recurring".to_owned())
}

/// Both databases keep it as text: the shortest decimal that is Stripe's number.
fn exchange_rate(settled: &BalanceTransaction) -> Option<String> {
    settled.exchange_rate.map(|rate| rate.to_string())
}

fn upper_case(country: Option<String>) -> Option<String> {
    country.map(|mut country| {
        country.make_ascii_uppercase();
        country
    })
}

fn bin(mut iin: String) -> String {
    if let Some((end, _)) = iin.char_indices().nth(LONGEST_BIN) {
        iin.truncate(end);
    }
    iin
}

fn masked(text: String) -> String {
    match mask(&text) {
        Cow::Owned(masked) => masked,
        Cow::Borrowed(_) => text,
    }
}

fn metadata(metadata: BTreeMap<String, String>) -> Value {
    let pairs = metadata.into_iter();
    pairs
        .map(|(key, value)| (masked(key), Value::from(masked(value))))
        .collect()
}
