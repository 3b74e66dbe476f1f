//! Payments as no shop has them: all that can be, mixed.

use api::{
    ids::{BalanceTransactionId, ConnectionId, DisputeId, PaymentId, RefundId, WorkspaceId},
    storage::{BalanceTransactionRow, DisputeRow, PageRows, PaymentRow, PaymentStatus, RefundRow},
};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use tests::payment_row;
use uuid::Uuid;

use super::ground::at;

/// The days in which Europe and Lord Howe Island set their clocks in spring 2025, and a week.
pub(super) const WEEK: (i64, i64) = (1_743_120_000, 1_743_811_200);

/// That year.
pub(super) const YEAR: (i64, i64) = (1_735_700_000, 1_763_000_000);

/// Of so many payments rows are written, again and again.
const PAYMENTS: usize = 150;

/// One of several texts, or none.
fn maybe(dice: &mut StdRng, texts: &[&str]) -> Option<String> {
    let text = texts.choose(dice).unwrap();
    dice.random_bool(0.8).then(|| (*text).to_owned())
}

fn text(dice: &mut StdRng, texts: &[&str]) -> String {
    (*texts.choose(dice).unwrap()).to_owned()
}

/// Rows of a connection as a page or some events bring them.
pub(super) fn rows(
    dice: &mut StdRng,
    workspace: WorkspaceId,
    connection: ConnectionId,
) -> PageRows {
    let of = (workspace, connection);
    let mut rows = PageRows::default();
    for _ in 0..dice.random_range(0..30) {
        rows.payments.push(payment(dice, of));
    }
    for _ in 0..dice.random_range(0..8) {
        rows.refunds.push(refund(dice, of));
    }
    for _ in 0..dice.random_range(0..5) {
        rows.disputes.push(dispute(dice, of));
    }
    for _ in 0..dice.random_range(0..5) {
        rows.balance_transactions.push(entry(dice, of));
    }
    rows
}

fn charge(dice: &mut StdRng) -> String {
    format!("ch_{}", dice.random_range(0..PAYMENTS))
}

/// The payment that a refund or a dispute is of: always the same one, and perhaps not stored yet.
fn payment_of(connection: ConnectionId, object: &str) -> Option<Uuid> {
    let seed = Uuid::new_v5(&Uuid::NAMESPACE_OID, object.as_bytes()).as_u128();
    let payments = u128::try_from(PAYMENTS).unwrap();
    let charge = format!("ch_{}", seed / 10 % payments);
    (!seed.is_multiple_of(10)).then(|| PaymentId::of(connection, &charge).0)
}

/// A moment at Stripe that is the same for each payment: half of them in one week, half in the year.
fn created(charge: &str) -> i64 {
    let seed = Uuid::new_v5(&Uuid::NAMESPACE_OID, charge.as_bytes()).as_u128();
    let (from, until) = if seed.is_multiple_of(2) { WEEK } else { YEAR };
    let length = u128::from((until - from).unsigned_abs());
    // Some at the first second of an hour.
    let second = from + i64::try_from(seed / 7 % length).unwrap();
    if seed.is_multiple_of(5) {
        second / 3_600 * 3_600
    } else {
        second
    }
}

fn payment(dice: &mut StdRng, (workspace, connection): (WorkspaceId, ConnectionId)) -> PaymentRow {
    use PaymentStatus::{Canceled, Failed, Pending, RequiresCapture, Succeeded};
    let stripe_id = charge(dice);
    let statuses = [
        Succeeded,
        Succeeded,
        Succeeded,
        Failed,
        Failed,
        Pending,
        RequiresCapture,
        Canceled,
    ];
    let status = *statuses.choose(dice).unwrap();
    let amount = if dice.random_bool(0.1) {
        0
    } else {
        dice.random_range(1..10_000)
    };
    let captured = if status == Succeeded {
        dice.random_range(0..=amount)
    } else {
        0
    };
    let refunded = if dice.random_bool(0.3) {
        dice.random_range(0..=amount)
    } else {
        0
    };
    let fee = dice.random_bool(0.7).then(|| dice.random_range(-50..500));
    let plain = payment_row(workspace, connection, &stripe_id, at(created(&stripe_id)));
    PaymentRow {
        payment_intent_id: maybe(
            dice,
            &["pi_1", "pi_2", "pi_3", "pi_4", "pi_5", "pi_6", "pi_7"],
        ),
        status,
        livemode: dice.random_bool(0.5),
        observed_at: at(1_764_000_000 + dice.random_range(0..1_000)),
        currency: text(dice, &["eur", "usd", "jpy"]),
        amount_minor: amount,
        amount_thousandths: amount * 10,
        amount_captured_minor: captured,
        amount_refunded_minor: refunded,
        disputed: dice.random_bool(0.2),
        settlement_currency: fee.map(|_| text(dice, &["eur", "usd"])),
        fee_minor: fee,
        net_minor: fee,
        customer_id: maybe(dice, &["cus_1", "cus_2"]),
        metadata: json!({ "order": text(dice, &["1", "2"]) }),
        method_type: text(dice, &["card", "sepa_debit"]),
        card_brand: maybe(dice, &["visa", "amex"]),
        card_bin: maybe(dice, &["424242", "555555", "378282"]),
        card_issuer: maybe(dice, &["Bank \"A\"", "Bank B"]),
        card_country: maybe(dice, &["DE", "US"]),
        card_funding: maybe(dice, &["credit", "debit"]),
        card_wallet: maybe(dice, &["apple_pay"]),
        decline_code: maybe(dice, &["insufficient_funds", "do_not_honor"]),
        ..plain
    }
}

fn refund(dice: &mut StdRng, (workspace, connection): (WorkspaceId, ConnectionId)) -> RefundRow {
    let stripe_id = format!("re_{}", dice.random_range(0..60));
    RefundRow {
        id: RefundId::of(connection, &stripe_id).0,
        workspace_id: workspace.0,
        connection_id: connection.0,
        payment_id: payment_of(connection, &stripe_id),
        status: text(dice, &["succeeded", "pending", "failed", "canceled"]),
        currency: text(dice, &["eur", "usd"]),
        amount_minor: dice.random_range(1..1_000),
        reason: None,
        failure_reason: None,
        balance_transaction_id: None,
        created_at: at(YEAR.1),
        observed_at: at(1_764_000_000 + dice.random_range(0..1_000)),
        stripe_id,
    }
}

fn dispute(dice: &mut StdRng, (workspace, connection): (WorkspaceId, ConnectionId)) -> DisputeRow {
    let stripe_id = format!("dp_{}", dice.random_range(0..40));
    DisputeRow {
        id: DisputeId::of(connection, &stripe_id).0,
        workspace_id: workspace.0,
        connection_id: connection.0,
        payment_id: payment_of(connection, &stripe_id),
        status: text(dice, &["lost", "won", "warning_closed"]),
        currency: text(dice, &["eur", "usd", "jpy"]),
        amount_minor: dice.random_range(1..1_000),
        reason: "fraudulent".to_owned(),
        network_reason_code: None,
        evidence_due_by: None,
        created_at: at(YEAR.1),
        observed_at: at(1_764_000_000 + dice.random_range(0..1_000)),
        stripe_id,
    }
}

/// An entry of the ledger that comes alone, and may settle a payment that is stored.
fn entry(
    dice: &mut StdRng,
    (workspace, connection): (WorkspaceId, ConnectionId),
) -> BalanceTransactionRow {
    let source = charge(dice);
    let stripe_id = format!("txn_{source}");
    BalanceTransactionRow {
        id: BalanceTransactionId::of(connection, &stripe_id).0,
        workspace_id: workspace.0,
        connection_id: connection.0,
        kind: "charge".to_owned(),
        reporting_category: None,
        status: None,
        currency: text(dice, &["eur", "usd"]),
        amount_minor: 1_000,
        fee_minor: dice.random_range(0..300),
        net_minor: 900,
        exchange_rate: None,
        fee_details: json!([]),
        source_id: Some(source),
        payout_id: None,
        available_at: None,
        created_at: at(YEAR.1),
        observed_at: at(1_764_000_000 + dice.random_range(0..1_000)),
        stripe_id,
    }
}
