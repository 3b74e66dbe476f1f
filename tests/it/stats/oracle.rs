//! What payments come to, added up one by one.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use api::storage::{PaymentRow, PaymentStatus, ReadPayment};
use chrono::{DateTime, Datelike, Offset, SecondsFormat, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{
    ground::{Stored, at},
    random_asking::Question,
};
use crate::edge::money;

/// The state of a payment, as clients see it.
pub(super) fn status(row: &PaymentRow) -> &'static str {
    match row.status {
        PaymentStatus::Succeeded => "SUCCEEDED",
        PaymentStatus::Pending => "PENDING",
        PaymentStatus::Failed => "FAILED",
        PaymentStatus::RequiresCapture => "REQUIRES_CAPTURE",
        PaymentStatus::Canceled => "CANCELED",
    }
}

type Read = fn(&PaymentRow) -> Option<String>;

/// Every dimension, and where its value stands in a row.
pub(super) const DIMENSIONS: [(&str, Read); 11] = [
    ("CONNECTION", |row| {
        Some(format!("con_{}", row.connection_id.simple()))
    }),
    ("CURRENCY", |row| Some(row.currency.to_uppercase())),
    ("STATUS", |row| Some(status(row).to_owned())),
    ("METHOD_TYPE", |row| Some(row.method_type.clone())),
    ("CARD_BRAND", |row| row.card_brand.clone()),
    ("CARD_FUNDING", |row| row.card_funding.clone()),
    ("CARD_COUNTRY", |row| row.card_country.clone()),
    ("ISSUER", |row| row.card_issuer.clone()),
    ("BIN", |row| row.card_bin.clone()),
    ("DECLINE_CODE", |row| row.decline_code.clone()),
    ("WALLET", |row| row.card_wallet.clone()),
];

/// Rows without a value in a dimension come last.
type Key = (Option<(i64, i64)>, String, Vec<(bool, Option<String>)>);

#[derive(Default)]
struct Sums {
    attempts: i64,
    succeeded: i64,
    failed: i64,
    gross: i64,
    refunded: i64,
    refunds: usize,
    disputes: usize,
    disputed: i64,
    fees: BTreeMap<String, i64>,
}

/// The answer to a question.
pub(super) fn answer(stored: &Stored, question: &Question) -> Value {
    let dimensions: Vec<_> = names(&question.variables["groupBy"]);
    let zone: Tz = question.variables["zone"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let mut intervals = Intervals {
        zone,
        kind: question.variables["interval"].as_str(),
        known: HashMap::new(),
    };
    let mut rows: BTreeMap<Key, Sums> = BTreeMap::new();
    for payment in &stored.payments {
        let asked = question.holds.iter().all(|holds| holds(payment));
        let counts = question.variables["once"] == false || is_last(payment, &stored.payments);
        if !asked || !counts {
            continue;
        }
        let values = dimensions.iter().map(|(_, read)| read(payment));
        let values = values.map(|value| (value.is_none(), value)).collect();
        let interval = intervals.of(payment.created_at.timestamp());
        let sums = rows
            .entry((interval, payment.currency.clone(), values))
            .or_default();
        add(sums, payment, stored);
    }
    rows.into_iter()
        .map(|(key, sums)| told(key, &sums, &dimensions))
        .collect()
}

fn names(asked: &Value) -> Vec<(&'static str, Read)> {
    let find = |name: &Value| *DIMENSIONS.iter().find(|(known, _)| name == known).unwrap();
    asked.as_array().unwrap().iter().map(find).collect()
}

/// Whether the intent was not tried again after this.
fn is_last(payment: &PaymentRow, all: &[Arc<ReadPayment>]) -> bool {
    let place = |row: &PaymentRow| (row.status != PaymentStatus::Failed, row.created_at, row.id);
    let again = |other: &&Arc<ReadPayment>| {
        other.payment_intent_id.is_some()
            && other.payment_intent_id == payment.payment_intent_id
            && other.connection_id == payment.connection_id
            && place(other) > place(payment)
    };
    !all.iter().any(|other| again(&other))
}

fn add(sums: &mut Sums, payment: &PaymentRow, stored: &Stored) {
    let (taken, failed) = (
        payment.status == PaymentStatus::Succeeded,
        payment.status == PaymentStatus::Failed,
    );
    sums.attempts += 1;
    sums.succeeded += i64::from(taken && payment.amount_minor > 0);
    sums.failed += i64::from(failed && payment.amount_minor > 0);
    if taken {
        sums.gross += payment.amount_captured_minor;
        sums.refunded += payment.amount_refunded_minor;
        let of = stored
            .refunds
            .iter()
            .filter(|row| row.payment_id == Some(payment.id));
        sums.refunds += of
            .filter(|row| row.status != "failed" && row.status != "canceled")
            .count();
    }
    for dispute in stored
        .disputes
        .iter()
        .filter(|row| row.payment_id == Some(payment.id))
    {
        sums.disputes += 1;
        if dispute.currency == payment.currency {
            sums.disputed += dispute.amount_minor;
        }
    }
    if let (Some(currency), Some(fee)) = (&payment.settlement_currency, payment.fee_minor) {
        *sums.fees.entry(currency.clone()).or_default() += fee;
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are few payments")]
fn told((interval, currency, values): Key, sums: &Sums, dimensions: &[(&str, Read)]) -> Value {
    let decided = sums.succeeded + sums.failed;
    let moment = |second| at(second).to_rfc3339_opts(SecondsFormat::Secs, true);
    let values = dimensions.iter().zip(values);
    let values = values.map(|((name, _), (_, value))| json!({ "dimension": name, "value": value }));
    let fees = sums
        .fees
        .iter()
        .map(|(currency, fee)| money(*fee, currency));
    json!({
        "interval": interval.map(|(start, end)| json!({ "start": moment(start), "end": moment(end) })),
        "currency": currency.to_uppercase(),
        "dimensions": values.collect::<Vec<_>>(),
        "attempts": sums.attempts.to_string(),
        "succeeded": sums.succeeded.to_string(),
        "failed": sums.failed.to_string(),
        "approvalRate": (decided > 0).then(|| sums.succeeded as f64 / decided as f64),
        "grossVolume": money(sums.gross, &currency),
        "refundedVolume": money(sums.refunded, &currency),
        "refunds": sums.refunds.to_string(),
        "disputes": sums.disputes.to_string(),
        "disputedVolume": money(sums.disputed, &currency),
        "fees": fees.collect::<Vec<_>>(),
    })
}

/// Intervals, found by looking at the zone's clock every quarter of an hour: no clock is set at another time today.
struct Intervals<'a> {
    zone: Tz,
    kind: Option<&'a str>,
    known: HashMap<String, (i64, i64)>,
}

const QUARTER: i64 = 900;

impl Intervals<'_> {
    fn of(&mut self, second: i64) -> Option<(i64, i64)> {
        self.kind?;
        let name = self.name(second);
        if let Some(known) = self.known.get(&name) {
            return Some(*known);
        }
        let first = second / QUARTER * QUARTER;
        let (mut start, mut end) = (first, first + QUARTER);
        while self.name(start - QUARTER) == name {
            start -= QUARTER;
        }
        while self.name(end) == name {
            end += QUARTER;
        }
        self.known.insert(name, (start, end));
        Some((start, end))
    }

    fn name(&self, second: i64) -> String {
        let clock: DateTime<Tz> = DateTime::<Utc>::from_timestamp(second, 0)
            .unwrap()
            .with_timezone(&self.zone);
        let date = clock.date_naive();
        match self.kind.unwrap() {
            "HOUR" => format!("{date} {} {}", clock.hour(), clock.offset().fix()),
            "DAY" => date.to_string(),
            "WEEK" => format!("{:?}", date.iso_week()),
            _ => format!("{} {}", date.year(), date.month()),
        }
    }
}
