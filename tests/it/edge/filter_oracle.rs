//! What each part of a filter says of a charge, read from Stripe's own object.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::shop::moment;

/// A part of a filter, and what it says of a charge.
pub(super) struct Part {
    pub(super) field: &'static str,
    pub(super) value: Value,
    pub(super) holds: Box<dyn Fn(&Value) -> bool + Send + Sync>,
}

fn part(
    field: &'static str,
    value: Value,
    holds: impl Fn(&Value) -> bool + Send + Sync + 'static,
) -> Part {
    Part {
        field,
        value,
        holds: Box::new(holds),
    }
}

/// The state of a payment, after Stripe's documentation of charges.
fn status(charge: &Value) -> &'static str {
    let flag = |name: &str| charge[name].as_bool().unwrap();
    match charge["status"].as_str().unwrap() {
        "pending" => "PENDING",
        "failed" => "FAILED",
        _ if flag("captured") => "SUCCEEDED",
        _ if flag("refunded") => "CANCELED",
        _ => "REQUIRES_CAPTURE",
    }
}

fn decline_code(charge: &Value) -> &Value {
    match charge["outcome"]["type"].as_str() {
        Some("issuer_declined") => &charge["outcome"]["reason"],
        _ => &Value::Null,
    }
}

/// What a charge says of its card, in person or not.
fn card<'a>(charge: &'a Value, field: &str) -> &'a Value {
    let details = &charge["payment_method_details"];
    let card = details.get("card").or_else(|| details.get("card_present"));
    card.map_or(&Value::Null, |card| &card[field])
}

type Read = fn(&Value) -> &Value;

/// The fields that are lists of texts, with where the text stands in a charge.
const TEXTS: [(&str, Read); 9] = [
    ("currencies", |charge| &charge["currency"]),
    (
        "methodTypes",
        |charge| &charge["payment_method_details"]["type"],
    ),
    ("cardBrands", |charge| card(charge, "brand")),
    ("cardFundings", |charge| card(charge, "funding")),
    ("cardCountries", |charge| card(charge, "country")),
    ("bins", |charge| card(charge, "iin")),
    ("issuers", |charge| card(charge, "issuer")),
    ("declineCodes", decline_code),
    ("stripeIds", |charge| &charge["id"]),
];

fn distinct(charges: &BTreeMap<String, Value>, read: Read) -> Vec<String> {
    let texts: BTreeSet<_> = charges
        .values()
        .filter_map(|charge| read(charge).as_str())
        .collect();
    texts.into_iter().map(str::to_owned).collect()
}

/// Each text by itself (the first few of many), then several at once, then none.
fn text_parts(charges: &BTreeMap<String, Value>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (field, read) in TEXTS {
        let all = distinct(charges, read);
        assert!(all.len() > 1, "{field} is not put to the test");
        let mut lists: Vec<Vec<String>> =
            all.iter().take(12).map(|one| vec![one.clone()]).collect();
        lists.push(all.iter().step_by(2).take(100).cloned().collect());
        lists.push(vec![
            all[0].clone(),
            "nothing such".to_owned(),
            all[1].clone(),
        ]);
        lists.push(Vec::new());
        for mut list in lists {
            if matches!(field, "currencies" | "cardCountries") {
                list.retain(|text| text != "nothing such");
            }
            let wanted = list.clone();
            let holds = move |charge: &Value| {
                read(charge)
                    .as_str()
                    .is_some_and(|is| wanted.iter().any(|text| text == is))
            };
            parts.push(part(field, json!(list), holds));
        }
    }
    parts
}

fn status_parts() -> Vec<Part> {
    const ALL: [&str; 5] = [
        "SUCCEEDED",
        "PENDING",
        "FAILED",
        "REQUIRES_CAPTURE",
        "CANCELED",
    ];
    let lists =
        ALL.iter()
            .map(|one| vec![*one])
            .chain([vec!["FAILED", "PENDING"], ALL.to_vec(), vec![]]);
    lists
        .map(|list| {
            part("statuses", json!(list), move |charge| {
                list.contains(&status(charge))
            })
        })
        .collect()
}

fn flag_parts() -> Vec<Part> {
    let mut parts = Vec::new();
    for yes in [true, false] {
        parts.push(part("refunded", json!(yes), move |charge| {
            (charge["amount_refunded"].as_i64().unwrap() > 0) == yes
        }));
        parts.push(part("disputed", json!(yes), move |charge| {
            charge["disputed"] == yes
        }));
        parts.push(part("livemode", json!(yes), move |charge| {
            charge["livemode"] == yes
        }));
    }
    parts
}

fn single_parts(charges: &BTreeMap<String, Value>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (field, name) in [
        ("customerId", "customer"),
        ("paymentIntentId", "payment_intent"),
    ] {
        let ids: BTreeSet<_> = charges
            .values()
            .filter_map(|charge| charge[name].as_str())
            .collect();
        for id in ids.into_iter().take(5).chain(["cus_nobody"]) {
            let wanted = id.to_owned();
            parts.push(part(field, json!(id), move |charge| {
                charge[name] == *wanted
            }));
        }
    }
    let pairs: BTreeSet<(String, String)> = charges
        .values()
        .flat_map(metadata)
        .filter(|(_, value)| !value.contains("4242"))
        .collect();
    for (key, value) in pairs.into_iter().rev().step_by(3).take(12) {
        let filter = json!([{ "key": key, "value": value }]);
        parts.push(part("metadata", filter, move |charge| {
            charge["metadata"][&key] == *value
        }));
    }
    parts.push(part("metadata", json!([]), |_| true));
    parts
}

pub(super) fn metadata(charge: &Value) -> Vec<(String, String)> {
    let pairs = charge["metadata"].as_object().unwrap();
    pairs
        .iter()
        .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

fn time_parts(charges: &BTreeMap<String, Value>) -> Vec<Part> {
    let mut times: Vec<i64> = charges
        .values()
        .map(|charge| charge["created"].as_i64().unwrap())
        .collect();
    times.sort_unstable();
    let (early, late) = (times[times.len() / 4], times[times.len() / 2]);
    let at = |second: i64| moment(&json!(second));
    let is = |charge: &Value| charge["created"].as_i64().unwrap();
    vec![
        part(
            "createdAt",
            json!({ "gte": at(early), "lt": at(late) }),
            move |c| (early..late).contains(&is(c)),
        ),
        part("createdAt", json!({ "gte": at(late) }), move |c| {
            is(c) >= late
        }),
        part("createdAt", json!({ "lt": at(early) }), move |c| {
            is(c) < early
        }),
        part(
            "createdAt",
            json!({ "gte": at(early), "lt": at(early + 1) }),
            move |c| is(c) == early,
        ),
        part("createdAt", json!({}), |_| true),
    ]
}

pub(super) fn parts(charges: &BTreeMap<String, Value>) -> Vec<Part> {
    let mut parts = text_parts(charges);
    parts.extend(status_parts());
    parts.extend(flag_parts());
    parts.extend(single_parts(charges));
    parts.extend(time_parts(charges));
    parts
}
