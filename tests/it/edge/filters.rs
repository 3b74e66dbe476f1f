//! Every field of the filter, alone and with others, against what Stripe's own objects say.

use std::collections::{BTreeMap, BTreeSet};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::on_every_backend;

use super::shop::{Shop, found, moment};

/// A part of a filter, and what it says of a charge.
struct Part {
    field: &'static str,
    value: Value,
    holds: Box<dyn Fn(&Value) -> bool + Send + Sync>,
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

fn metadata(charge: &Value) -> Vec<(String, String)> {
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

fn parts(charges: &BTreeMap<String, Value>) -> Vec<Part> {
    let mut parts = text_parts(charges);
    parts.extend(status_parts());
    parts.extend(flag_parts());
    parts.extend(single_parts(charges));
    parts.extend(time_parts(charges));
    parts
}

async fn assert_finds(
    shops: &[Shop<'_>],
    charges: &BTreeMap<String, Value>,
    parts: &[&Part],
) -> usize {
    let filter: serde_json::Map<_, _> = parts
        .iter()
        .map(|part| (part.field.to_owned(), part.value.clone()))
        .collect();
    let filter = Value::Object(filter);

    let (met, count) = found(shops[0].world, &filter).await;

    let wanted: BTreeSet<String> = charges
        .iter()
        .filter(|(_, charge)| parts.iter().all(|part| (part.holds)(charge)))
        .map(|(id, _)| id.clone())
        .collect();
    assert_eq!(met, wanted, "{filter}");
    assert_eq!(count, wanted.len(), "{filter}");
    count
}

on_every_backend! {
    async fn every_filter_finds_what_stripe_s_objects_say(world: &World) {
        let shops = [
            Shop::open(world, "Test", AccountSpec::with_payments(500)).await,
            Shop::open(world, "Live", AccountSpec::with_payments(200).seed(2).live().with_card_details()).await,
        ];
        let charges: BTreeMap<_, _> = shops.iter().flat_map(|shop| shop.charges()).collect();
        assert_eq!(charges.len(), 700, "the ids of both accounts differ");
        let parts = parts(&charges);

        let mut told: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        for part in &parts {
            let count = assert_finds(&shops, &charges, &[part]).await;
            let (some, not_all) = told.entry(part.field).or_default();
            *some |= count > 0;
            *not_all |= count < charges.len();
        }
        for (field, seen) in told {
            assert_eq!(seen, (true, true), "{field} is not put to the test");
        }

        let mut dice = StdRng::seed_from_u64(7);
        let mut hits = 0;
        for _ in 0..80 {
            // Parts that one charge fulfils find at least that one; at times another is added.
            let charge = charges.values().nth(dice.random_range(0..charges.len())).unwrap();
            let fitting: Vec<_> = parts.iter().filter(|part| (part.holds)(charge)).collect();
            let mut chosen: BTreeMap<&str, &Part> = BTreeMap::new();
            for _ in 0..dice.random_range(2..5) {
                let part = fitting.choose(&mut dice).unwrap();
                chosen.insert(part.field, part);
            }
            if dice.random_bool(0.3) {
                let part = parts.choose(&mut dice).unwrap();
                chosen.insert(part.field, part);
            }
            let chosen: Vec<_> = chosen.into_values().collect();
            hits += usize::from(assert_finds(&shops, &charges, &chosen).await > 0);
        }
        assert!(hits > 40, "the combinations hardly find anything");
    }

    async fn connections_and_metadata_combine(world: &World) {
        let shops = [
            Shop::open(world, "One", AccountSpec::with_payments(80)).await,
            Shop::open(world, "Two", AccountSpec::with_payments(80).seed(2)).await,
        ];
        let of = |index: usize| shops[index].charges();
        let ids = |charges: BTreeMap<String, Value>| charges.into_keys().collect::<BTreeSet<_>>();
        let twins: Vec<_> = of(0).into_values().filter(|charge| metadata(charge).len() > 1 && !charge["metadata"].to_string().contains("4242")).collect();
        let pairs = metadata(&twins[0]);
        let pair = |(key, value): &(String, String)| json!({ "key": key, "value": value });

        let one = found(world, &json!({ "connectionIds": [shops[0].connection] })).await;
        let both = found(world, &json!({ "connectionIds": [shops[1].connection, shops[0].connection] })).await;
        let none = found(world, &json!({ "connectionIds": [] })).await;
        let unknown = found(world, &json!({ "connectionIds": ["con_00000000000000000000000000000000", "x"] })).await;
        let crossed = found(world, &json!({ "connectionIds": [shops[1].connection], "stripeIds": [twins[0]["id"]] })).await;
        let exact = found(world, &json!({ "connectionIds": [shops[0].connection], "stripeIds": [twins[0]["id"]] })).await;
        let pairs_met = found(world, &json!({ "metadata": [pair(&pairs[0]), pair(&pairs[1])] })).await;
        let torn = found(world, &json!({ "metadata": [pair(&pairs[0]), { "key": pairs[1].0, "value": pairs[0].1 }] })).await;

        assert_eq!(one.0, ids(of(0)));
        assert_eq!(both.1, 160);
        assert_eq!((none.1, unknown.1, crossed.1, torn.1), (0, 0, 0, 0));
        assert_eq!(exact.0, BTreeSet::from([twins[0]["id"].as_str().unwrap().to_owned()]));
        let all = of(0).into_iter().chain(of(1));
        let holding = all.filter(|(_, charge)| pairs[..2].iter().all(|(key, value)| charge["metadata"][key] == **value));
        assert_eq!(pairs_met.0, holding.map(|(id, _)| id).collect());
    }
}
