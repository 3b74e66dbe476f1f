//! A file holds what the pages of the API say.

use std::collections::BTreeSet;

use reqwest::Method;
use sandbox::AccountSpec;
use serde_json::{Map, Value, json};
use tests::{World, on_every_backend};

use super::support::{exported, fetch, file, ordered, ready};
use crate::edge::{Shop, money};

/// Everything that is flat of a payment, and what its refunds and disputes are.
const PAGE: &str = "
    query($after: String, $filter: PaymentFilter) {
      payments(first: 100, after: $after, filter: $filter) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id connection { id name } stripeId paymentIntentId status
          amount { amount minorUnits currency } amountCaptured { amount minorUnits currency }
          amountRefunded { amount minorUnits currency }
          fee { amount minorUnits currency } net { amount minorUnits currency } exchangeRate
          createdAt updatedAt livemode customerId customerCountry description statementDescriptor storedCredential
          method { type card {
            brand network last4 bin issuer country funding expMonth expYear fingerprint wallet
            threeDSecure { result version authenticationFlow } checks { addressLine1 postalCode cvc }
          } }
          outcome {
            networkStatus type reason riskLevel riskScore sellerMessage failureCode failureMessage declineCode
            networkDeclineCode networkAdviceCode
          }
          refunds(first: 20) { nodes { id } }
          disputes { amount { minorUnits currency } status reason }
          disputed payoutId networkTransactionId metadata
        }
      }
    }";

/// A payment as an export writes it, from the API's own answer.
fn wanted(mut node: Value) -> Value {
    let payment = node.as_object_mut().unwrap();
    let refunds = payment.remove("refunds").unwrap();
    let disputes = payment.remove("disputes").unwrap();
    let disputes = disputes.as_array().unwrap();
    let minor = |dispute: &Value| -> i64 {
        let minor = dispute["amount"]["minorUnits"].as_str().unwrap();
        minor.parse().unwrap()
    };
    let of_newest = |field: &str| {
        disputes
            .first()
            .map_or(Value::Null, |one| one[field].clone())
    };
    let amount = disputes.first().map(|newest| {
        let currency = newest["amount"]["currency"].as_str().unwrap();
        money(disputes.iter().map(minor).sum(), &currency.to_lowercase())
    });
    let more = json!({
        "refundCount": refunds["nodes"].as_array().unwrap().len(),
        "disputeCount": disputes.len(),
        "disputedAmount": amount,
        "disputeStatus": of_newest("status"),
        "disputeReason": of_newest("reason"),
    });
    payment.extend(more.as_object().unwrap().clone());
    node
}

/// What the pages say of a filter.
async fn told(world: &World, filter: &Value) -> Vec<Value> {
    let (mut told, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "after": after, "filter": filter });
        let page = world.data(PAGE, variables).await["payments"].take();
        told.extend(
            page["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .cloned()
                .map(wanted),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            return told;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// A payment's fields by their paths, as cells have them.
fn flat(path: &str, value: &Value, cells: &mut Map<String, Value>) {
    match value {
        Value::Object(fields) if path != "metadata" => {
            for (name, field) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flat(&path, field, cells);
            }
        }
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => {
            let tricky =
                ["description", "connection.name"].contains(&path) && text.starts_with('=');
            let text = if tricky {
                format!("'{text}")
            } else {
                text.clone()
            };
            cells.insert(path.to_owned(), json!(text));
        }
        other => {
            cells.insert(path.to_owned(), json!(other.to_string()));
        }
    }
}

/// The rows of a CSV file by the names of their columns, without empty cells.
fn rows(csv: &[u8]) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(csv);
    let names = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let cells = names.iter().zip(record.iter());
        let cells = cells.filter(|(_, cell)| !cell.is_empty());
        let cells: Map<_, _> = cells
            .map(|(name, cell)| (name.to_owned(), json!(cell)))
            .collect();
        Value::Object(cells)
    };
    reader
        .records()
        .map(|record| row(record.unwrap()))
        .collect()
}

fn assert_same(lines: &[Value], wanted: &[Value]) {
    assert_eq!(lines.len(), wanted.len());
    for (line, wanted) in lines.iter().zip(wanted) {
        assert_eq!(line, wanted);
    }
}

on_every_backend! {
    async fn a_file_of_several_parts_is_what_the_pages_say(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(2_300)).await;
        let pages = told(world, &json!({})).await;
        assert_eq!(pages.len(), 2_300);

        let lines = exported(world, &json!({})).await;
        let id = ordered(world, json!({ "format": "CSV" })).await;
        let export = ready(world, &id).await;
        let csv = file(world, &export).await;

        assert_same(&lines, &pages);
        for kind in ["refundCount", "disputeCount"] {
            assert!(lines.iter().any(|line| line[kind] != 0), "no {kind} is put to the test");
        }
        let cells = |line: &Value| {
            let mut cells = Map::new();
            flat("", line, &mut cells);
            Value::Object(cells)
        };
        let wanted: Vec<_> = pages.iter().map(cells).collect();
        assert_same(&rows(&csv.bytes), &wanted);
        assert_eq!((&export["rows"], &export["expectedRows"]), (&json!("2300"), &json!("2300")));
        assert_eq!(export["bytes"], csv.bytes.len().to_string());
    }

    async fn a_filter_means_what_it_means_for_pages(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(300)).await;
        Shop::open(world, "Other", AccountSpec::with_payments(60).seed(9)).await;
        let some: Vec<_> = shop.charges().into_keys().take(7).collect();

        for filter in [
            json!({ "statuses": ["FAILED", "REQUIRES_CAPTURE"] }),
            json!({ "connectionIds": [shop.connection], "currencies": ["EUR", "jpy"] }),
            json!({ "amount": { "gte": "20", "lte": "90.50" }, "cardBrands": ["visa"] }),
            json!({ "stripeIds": some }),
            json!({ "refunded": true }),
            json!({ "statuses": [] }),
        ] {
            let lines = exported(world, &filter).await;

            assert_same(&lines, &told(world, &filter).await);
            assert_eq!(lines.is_empty(), filter == json!({ "statuses": [] }), "{filter}");
        }
    }

    async fn a_file_without_payments_is_one_too(world: &World) {
        for (format, length) in [("JSONL", 0), ("CSV", 1)] {
            let id = ordered(world, json!({ "format": format })).await;
            let export = ready(world, &id).await;
            let url = export["downloadUrl"].as_str().unwrap();

            for coding in [None, Some("identity")] {
                let file = fetch(world, Method::GET, url, coding).await;
                assert_eq!(file.status, 200);
                assert_eq!(file.text().lines().count(), length, "{format} {coding:?}");
            }
            assert_eq!((&export["rows"], &export["expectedRows"]), (&json!("0"), &json!("0")));
        }
    }

    async fn what_others_wrote_is_no_formula(world: &World) {
        let trick = "=HYPERLINK(\"https://evil.example\",\"a, b\")";
        let (account, key) = world.account(AccountSpec::with_payments(20));
        let charges: Vec<_> = world.stripe.ledger(&account).charge_ids.into_iter().collect();
        let odd = ["=1+2", "line one\r\nline \"two\", three", "'quoted'", "Größe 店 🙂"];
        for (id, text) in charges.iter().zip(odd) {
            world.stripe.update_charge(&account, id, |charge| charge["description"] = json!(text));
        }
        let shop = Shop::open_as(world, trick, account, &key).await;

        let id = ordered(world, json!({ "format": "CSV", "filter": { "connectionIds": [shop.connection] } })).await;
        let export = ready(world, &id).await;
        let csv = file(world, &export).await;

        let rows = rows(&csv.bytes);
        assert_eq!(rows.len(), 20);
        assert!(rows.iter().all(|row| row["connection.name"] == format!("'{trick}")));
        for (id, text) in charges.iter().zip(odd) {
            let row = rows.iter().find(|row| row["stripeId"] == **id).unwrap();
            let wanted = if text.starts_with('=') { format!("'{text}") } else { text.to_owned() };
            assert_eq!(row["description"], wanted);
        }
        assert!(!csv.text().contains(&format!("\"{}", &trick[..5])), "a cell begins with a formula");
    }

    async fn while_an_import_writes_nothing_comes_twice_and_nothing_old_is_missing(world: &World) {
        let old = Shop::open(world, "Old", AccountSpec::with_payments(1_500)).await;
        let (account, key) = world.account(AccountSpec::with_payments(3_000).seed(9));
        let new = world.connect("New", &key).await;

        let mut files = Vec::new();
        for _ in 0..3 {
            files.push(exported(world, &json!({})).await);
        }
        assert_eq!(world.imported(&new).await["status"], "SUCCEEDED");

        let known: BTreeSet<_> = old.charges().into_keys().collect();
        let others = world.stripe.ledger(&account).charge_ids;
        for lines in files {
            let ids: BTreeSet<_> =
                lines.iter().map(|line| line["stripeId"].as_str().unwrap().to_owned()).collect();
            assert_eq!(ids.len(), lines.len(), "a payment came twice");
            assert!(ids.is_superset(&known), "a payment is missing");
            assert!(ids.iter().all(|id| known.contains(id) || others.contains(id)));
            let positions: Vec<_> =
                lines.iter().map(|line| line["createdAt"].as_str().unwrap()).collect();
            assert!(positions.is_sorted_by(|one, next| one >= next), "not newest first");
        }
    }
}
