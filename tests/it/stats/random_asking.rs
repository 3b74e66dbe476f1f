//! Questions of every kind, and what their filters say of a payment.

use api::storage::PaymentRow;
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};

use super::{
    ground::at,
    oracle::{DIMENSIONS, status},
    random_payments::{WEEK, YEAR},
};

/// Zones whose clocks are set at all sorts of times, by all sorts of lengths.
const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Casablanca",
];

/// A question to `paymentStats`, and which payments its filter lets through.
pub(super) struct Question {
    pub(super) variables: Value,
    pub(super) holds: Vec<Condition>,
}

/// Whether a payment is let through.
type Condition = Box<dyn Fn(&PaymentRow) -> bool + Send + Sync>;

/// A filter by one text, and where that stands in a row.
type Part = (
    &'static str,
    &'static [&'static str],
    fn(&PaymentRow) -> Option<String>,
);

const PARTS: [Part; 11] = [
    ("statuses", &["SUCCEEDED", "FAILED", "PENDING"], |row| {
        Some(status(row).to_owned())
    }),
    ("currencies", &["EUR", "USD"], |row| {
        Some(row.currency.to_uppercase())
    }),
    ("methodTypes", &["card", "sepa_debit"], |row| {
        Some(row.method_type.clone())
    }),
    ("cardBrands", &["visa", "amex", "nothing such"], |row| {
        row.card_brand.clone()
    }),
    ("cardFundings", &["credit", "debit"], |row| {
        row.card_funding.clone()
    }),
    ("cardCountries", &["DE", "US"], |row| {
        row.card_country.clone()
    }),
    ("bins", &["424242", "555555"], |row| row.card_bin.clone()),
    ("issuers", &["Bank \"A\""], |row| row.card_issuer.clone()),
    ("declineCodes", &["do_not_honor"], |row| {
        row.decline_code.clone()
    }),
    ("customerId", &["cus_1"], |row| row.customer_id.clone()),
    ("paymentIntentId", &["pi_3"], |row| {
        row.payment_intent_id.clone()
    }),
];

pub(super) fn question(dice: &mut StdRng, connections: &[String]) -> Question {
    let mut question = Question {
        variables: json!({ "filter": {} }),
        holds: Vec::new(),
    };
    let interval = *[None, Some("HOUR"), Some("DAY"), Some("WEEK"), Some("MONTH")]
        .choose(dice)
        .unwrap();
    question.variables["interval"] = json!(interval);
    question.variables["zone"] = json!(ZONES.choose(dice).unwrap());
    let dimensions: Vec<_> = DIMENSIONS.iter().map(|(name, _)| *name).collect();
    let count = dice.random_range(0..4);
    let dimensions: Vec<_> = dimensions.choose_multiple(dice, count).copied().collect();
    question.variables["groupBy"] = json!(dimensions);
    question.variables["once"] = json!(dice.random_bool(0.25));
    // A year has more hours than may be asked for.
    if interval == Some("HOUR") || dice.random_bool(0.5) {
        span(dice, &mut question);
    }
    for _ in 0..dice.random_range(0..3) {
        part(dice, &mut question);
    }
    flags(dice, &mut question, connections);
    question
}

fn span(dice: &mut StdRng, question: &mut Question) {
    let (from, until) = if question.variables["interval"] == "HOUR" || dice.random_bool(0.5) {
        WEEK
    } else {
        YEAR
    };
    let from = dice.random_range(from..until - 1);
    let until = dice.random_range(from + 1..=until);
    let (from, until) = match dice.random_range(0..3) {
        0 => (from / 3_600 * 3_600, until),
        1 => (from, until / 3_600 * 3_600 + 3_600),
        _ => (from, until),
    };
    question.variables["filter"]["createdAt"] =
        json!({ "gte": at(from).to_rfc3339(), "lt": format!("{}.5Z", at(until).format("%FT%T")) });
    question.holds.push(Box::new(move |row| {
        (from..=until).contains(&row.created_at.timestamp())
    }));
}

fn part(dice: &mut StdRng, question: &mut Question) {
    let (field, values, read) = *PARTS.choose(dice).unwrap();
    if !question.variables["filter"][field].is_null() {
        return;
    }
    if field.ends_with("Id") {
        let value = *values.choose(dice).unwrap();
        question.variables["filter"][field] = json!(value);
        question
            .holds
            .push(Box::new(move |row| read(row).as_deref() == Some(value)));
        return;
    }
    let count = dice.random_range(1..=values.len());
    let wanted: Vec<_> = values.choose_multiple(dice, count).copied().collect();
    question.variables["filter"][field] = json!(wanted);
    question.holds.push(Box::new(move |row| {
        read(row).is_some_and(|text| wanted.contains(&&*text))
    }));
}

fn flags(dice: &mut StdRng, question: &mut Question, connections: &[String]) {
    let filter = &mut question.variables["filter"];
    if dice.random_bool(0.3) {
        let one = connections.choose(dice).unwrap().clone();
        filter["connectionIds"] = json!([one, "con_00000000000000000000000000000000"]);
        question.holds.push(Box::new(move |row| {
            one == format!("con_{}", row.connection_id.simple())
        }));
    }
    if dice.random_bool(0.2) {
        let yes = dice.random_bool(0.5);
        filter["livemode"] = json!(yes);
        question
            .holds
            .push(Box::new(move |row| row.livemode == yes));
    }
    if dice.random_bool(0.1) {
        let yes = dice.random_bool(0.5);
        filter["refunded"] = json!(yes);
        question
            .holds
            .push(Box::new(move |row| (row.amount_refunded_minor > 0) == yes));
    }
    if dice.random_bool(0.1) {
        filter["amount"] = json!({ "gte": "20" });
        question
            .holds
            .push(Box::new(|row| row.amount_thousandths >= 20_000));
    }
    if dice.random_bool(0.1) {
        filter["metadata"] = json!([{ "key": "order", "value": "2" }]);
        question
            .holds
            .push(Box::new(|row| row.metadata["order"] == "2"));
    }
}
