//! Three years of a shop's payments, newest first, as an import writes them.

use api::{
    ids::{ConnectionId, PaymentId, RefundId, WorkspaceId},
    storage::{PageRows, PaymentRow, PaymentStatus, RefundRow},
};
use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use tests::payment_row;

/// When the newest payment was made.
pub(crate) const NEWEST: &str = "2026-11-01T00:00:00Z";

/// How long the history is.
const LENGTH: TimeDelta = TimeDelta::days(3 * 365);

/// The payments of these numbers, of so many.
pub(crate) fn page(
    dice: &mut StdRng,
    of: (WorkspaceId, ConnectionId),
    numbers: std::ops::Range<i64>,
    all: i64,
) -> PageRows {
    let newest: DateTime<Utc> = NEWEST.parse().expect("a moment");
    let mut rows = PageRows::default();
    for number in numbers {
        let age = TimeDelta::seconds(LENGTH.num_seconds() * number / all);
        let payment = payment(dice, of, number, newest - age);
        if payment.amount_refunded_minor > 0 {
            rows.refunds.push(refund(&payment));
        }
        rows.payments.push(payment);
    }
    rows
}

fn one(dice: &mut StdRng, texts: &[&str]) -> String {
    (*texts.choose(dice).expect("a text")).to_owned()
}

/// Cards as a European shop sees them: a few brands, 40 banks, 400 BINs.
fn payment(
    dice: &mut StdRng,
    (workspace, connection): (WorkspaceId, ConnectionId),
    number: i64,
    created_at: DateTime<Utc>,
) -> PaymentRow {
    let failed = dice.random_bool(0.12);
    let amount = dice.random_range(100..20_000);
    let taken = if failed { 0 } else { amount };
    let refunded = if dice.random_bool(0.05) { taken } else { 0 };
    let bank = dice.random_range(0..40);
    PaymentRow {
        status: if failed {
            PaymentStatus::Failed
        } else {
            PaymentStatus::Succeeded
        },
        currency: one(dice, &["eur", "eur", "eur", "usd"]),
        amount_minor: amount,
        amount_thousandths: amount * 10,
        amount_captured_minor: taken,
        amount_refunded_minor: refunded,
        payment_intent_id: Some(format!("pi_{}", number / 2)),
        settlement_currency: (!failed).then(|| "eur".to_owned()),
        fee_minor: (!failed).then_some(amount / 50),
        card_brand: Some(one(dice, &["visa", "visa", "mastercard", "amex"])),
        card_funding: Some(one(dice, &["debit", "debit", "credit", "prepaid"])),
        card_country: Some(one(dice, &["DE", "DE", "DE", "AT", "FR", "US"])),
        card_wallet: dice
            .random_bool(0.3)
            .then(|| one(dice, &["apple_pay", "google_pay"])),
        card_issuer: Some(format!("Bank {bank}")),
        card_bin: Some(format!("4{bank:02}{}", dice.random_range(100..110))),
        decline_code: failed.then(|| one(dice, &["insufficient_funds", "do_not_honor"])),
        ..payment_row(
            workspace,
            connection,
            &format!("ch_{number:010}"),
            created_at,
        )
    }
}

fn refund(payment: &PaymentRow) -> RefundRow {
    let connection = ConnectionId(payment.connection_id);
    let stripe_id = payment.stripe_id.replace("ch_", "re_");
    RefundRow {
        id: RefundId::of(connection, &stripe_id).0,
        workspace_id: payment.workspace_id,
        connection_id: payment.connection_id,
        payment_id: Some(PaymentId::of(connection, &payment.stripe_id).0),
        stripe_id,
        status: "succeeded".to_owned(),
        currency: payment.currency.clone(),
        amount_minor: payment.amount_refunded_minor,
        reason: None,
        failure_reason: None,
        balance_transaction_id: None,
        created_at: payment.created_at,
        observed_at: payment.observed_at,
    }
}
