//! What is kept of a charge. No names, e-mail addresses, phone numbers or streets are.

use serde_json::Value;

use super::{card_number::mask, time::at};
use crate::{
    domain::{import::PageOrigin, money::Money},
    ids::PaymentId,
    storage::{PaymentRow, PaymentStatus},
    stripe::{
        Unintelligible,
        object::{Address, BalanceTransaction, CardDetails, Charge, Outcome},
    },
};

/// The longest BIN that may be kept beside the last four digits (PCI DSS, truncation).
const LONGEST_BIN: usize = 8;

/// The payment that a charge is.
pub(in crate::domain) fn payment_row(
    origin: PageOrigin,
    charge: &Charge,
) -> Result<PaymentRow, Unintelligible> {
    let money = Money {
        minor: charge.amount,
        currency: charge.currency.to_ascii_lowercase(),
    };
    let method = charge.payment_method_details.clone().unwrap_or_default();
    let card = method.card.unwrap_or_default();
    let secure = card.three_d_secure.clone().unwrap_or_default();
    let checks = card.checks.clone().unwrap_or_default();
    let outcome = charge.outcome.clone().unwrap_or_default();
    let ledger = charge.balance_transaction.as_ref();
    let settled = ledger.and_then(|transaction| transaction.object());
    let address = address(charge);
    Ok(PaymentRow {
        id: PaymentId::of(origin.connection, &charge.id).0,
        workspace_id: origin.workspace.0,
        connection_id: origin.connection.0,
        stripe_id: charge.id.clone(),
        payment_intent_id: charge.payment_intent.clone(),
        status: status(charge),
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
        customer_id: charge.customer.clone(),
        customer_country: address.country.map(|country| country.to_ascii_uppercase()),
        customer_postal_code: address.postal_code,
        description: masked(charge.description.as_deref()),
        statement_descriptor: statement_descriptor(charge),
        stored_credential: stored_credential(charge),
        metadata: metadata(charge),
        method_type: method.kind.unwrap_or_else(|| "unknown".to_owned()),
        card_bin: bin(&card),
        card_brand: card.brand,
        card_network: card.network,
        card_last4: card.last4,
        card_issuer: card.issuer,
        card_country: card.country.map(|country| country.to_ascii_uppercase()),
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
        network_transaction_id: charge.network_transaction_id().map(str::to_owned),
        decline_code: decline_code(&outcome),
        outcome_network_status: outcome.network_status,
        outcome_type: outcome.kind,
        outcome_reason: outcome.reason,
        outcome_seller_message: outcome.seller_message,
        risk_level: outcome.risk_level,
        risk_score: outcome.risk_score,
        failure_code: charge.failure_code.clone(),
        failure_message: masked(charge.failure_message.as_deref()),
        network_decline_code: outcome.network_decline_code,
        network_advice_code: outcome.network_advice_code,
    })
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

/// What the buyer sees, where Stripe tells.
fn statement_descriptor(charge: &Charge) -> Option<String> {
    let calculated = charge.calculated_statement_descriptor.clone();
    calculated.or_else(|| charge.statement_descriptor.clone())
}

fn address(charge: &Charge) -> Address {
    let details = charge.billing_details.as_ref();
    details
        .and_then(|details| details.address.clone())
        .unwrap_or_default()
}

fn bin(card: &CardDetails) -> Option<String> {
    card.iin
        .as_ref()
        .map(|iin| iin.chars().take(LONGEST_BIN).collect())
}

fn masked(text: Option<&str>) -> Option<String> {
    text.map(|text| mask(text).into_owned())
}

fn metadata(charge: &Charge) -> Value {
    let pairs = charge.metadata.iter();
    pairs
        .map(|(key, value)| (mask(key).into_owned(), Value::from(mask(value))))
        .collect()
}
