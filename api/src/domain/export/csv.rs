//! Payments as CSV (RFC 4180), for spreadsheets.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula and executes it, so texts that somebody
//! else wrote must not begin so: they get an apostrophe in front, which spreadsheets read as "this is text". Amounts and
//! other numbers are ours, and stay as they are.

use csv::{Terminator, WriterBuilder};
use serde_json::Value;

/// A column: its name is the path to a field of the API's `Payment`.
struct Column {
    name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Written by somebody else.
    Text,
    /// Written by us, or nothing but digits: a number, a moment, a code of ours.
    Plain,
}

const fn text(name: &'static str) -> Column {
    let kind = Kind::Text;
    Column { name, kind }
}

const fn plain(name: &'static str) -> Column {
    let kind = Kind::Plain;
    Column { name, kind }
}

/// Every column, in the order of the API. New ones come last.
const COLUMNS: [Column; 70] = [
    plain("id"),
    plain("connection.id"),
    text("connection.name"),
    text("stripeId"),
    text("paymentIntentId"),
    plain("status"),
    plain("amount.amount"),
    plain("amount.minorUnits"),
    text("amount.currency"),
    plain("amountCaptured.amount"),
    plain("amountCaptured.minorUnits"),
    text("amountCaptured.currency"),
    plain("amountRefunded.amount"),
    plain("amountRefunded.minorUnits"),
    text("amountRefunded.currency"),
    plain("fee.amount"),
    plain("fee.minorUnits"),
    text("fee.currency"),
    plain("net.amount"),
    plain("net.minorUnits"),
    text("net.currency"),
    plain("exchangeRate"),
    plain("createdAt"),
    plain("updatedAt"),
    plain("livemode"),
    text("customerId"),
    text("customerCountry"),
    text("description"),
    text("statementDescriptor"),
    text("storedCredential"),
    text("method.type"),
    text("method.card.brand"),
    text("method.card.network"),
    text("method.card.last4"),
    text("method.card.bin"),
    text("method.card.issuer"),
    text("method.card.country"),
    text("method.card.funding"),
    plain("method.card.expMonth"),
    plain("method.card.expYear"),
    text("method.card.fingerprint"),
    text("method.card.wallet"),
    text("method.card.threeDSecure.result"),
    text("method.card.threeDSecure.version"),
    text("method.card.threeDSecure.authenticationFlow"),
    text("method.card.checks.addressLine1"),
    text("method.card.checks.postalCode"),
    text("method.card.checks.cvc"),
    text("outcome.networkStatus"),
    text("outcome.type"),
    text("outcome.reason"),
    text("outcome.riskLevel"),
    plain("outcome.riskScore"),
    text("outcome.sellerMessage"),
    text("outcome.failureCode"),
    text("outcome.failureMessage"),
    text("outcome.declineCode"),
    text("outcome.networkDeclineCode"),
    text("outcome.networkAdviceCode"),
    plain("refundCount"),
    plain("disputed"),
    plain("disputeCount"),
    plain("disputedAmount.amount"),
    plain("disputedAmount.minorUnits"),
    text("disputedAmount.currency"),
    text("disputeStatus"),
    text("disputeReason"),
    text("payoutId"),
    text("networkTransactionId"),
    text("metadata"),
];

/// What a cell of somebody else's must not begin with: the signs of formulas, and what spreadsheets skip before them.
const DANGEROUS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－'];

/// Lines of a file, with the names of the columns before the first one.
pub(super) fn write(lines: &[Value], with_header: bool) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    if with_header {
        writer.write_record(COLUMNS.iter().map(|column| column.name))?;
    }
    for line in lines {
        writer.write_record(COLUMNS.iter().map(|column| cell(line, column)))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn cell(line: &Value, column: &Column) -> String {
    let mut field = Some(line);
    for name in column.name.split('.') {
        field = field.and_then(|field| field.get(name));
    }
    let text = match field {
        None | Some(Value::Null) => return String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    if column.kind == Kind::Text && text.starts_with(DANGEROUS) {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    fn written(line: &Value) -> Vec<String> {
        let bytes = write(std::slice::from_ref(line), false).unwrap();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(&*bytes);
        let record = reader.records().next().unwrap().unwrap();
        record.iter().map(str::to_owned).collect()
    }

    fn cell_of(line: &Value, name: &str) -> String {
        let at = COLUMNS.iter().position(|column| column.name == name);
        written(line).swap_remove(at.unwrap())
    }

    #[test]
    fn no_text_begins_like_a_formula() {
        for trick in [
            "=1+2",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "=HYPERLINK(\"https://evil.example\",\"a, b\")",
            "＝1",
        ] {
            let told = cell_of(&json!({ "description": trick }), "description");
            assert_eq!(told, format!("'{trick}"));
        }
        for harmless in ["", "a=1", " =1", "'=1", "Ünï \"x\", y\r\nz"] {
            let told = cell_of(&json!({ "description": harmless }), "description");
            assert_eq!(told, harmless);
        }
    }

    #[test]
    fn numbers_stay_numbers() {
        let line = json!({ "net": { "amount": "-1.50", "minorUnits": "-150" }, "outcome": { "riskScore": 7 } });

        assert_eq!(cell_of(&line, "net.amount"), "-1.50");
        assert_eq!(cell_of(&line, "net.minorUnits"), "-150");
        assert_eq!(cell_of(&line, "outcome.riskScore"), "7");
        assert_eq!(cell_of(&line, "fee.amount"), "");
    }

    #[test]
    fn what_is_nested_is_json_in_its_cell() {
        let line = json!({ "metadata": { "order": "=1, \"2\"" } });

        assert_eq!(cell_of(&line, "metadata"), r#"{"order":"=1, \"2\""}"#);
    }

    #[test]
    fn lines_end_as_the_rfc_says_and_the_header_comes_once() {
        let lines = [json!({ "id": "a" }), json!({ "id": "b" })];

        let first = String::from_utf8(write(&lines[..1], true).unwrap()).unwrap();
        let next = String::from_utf8(write(&lines[1..], false).unwrap()).unwrap();

        let all = first + &next;
        let rows: Vec<&str> = all.split_terminator("\r\n").collect();
        assert_eq!(rows.len(), 3);
        assert!(rows[0].starts_with("id,connection.id,connection.name,"));
        assert!(rows[1].starts_with("a,,") && rows[2].starts_with("b,,"));
    }

    #[test]
    fn every_column_is_there_once() {
        let names: BTreeSet<_> = COLUMNS.iter().map(|column| column.name).collect();

        assert_eq!(names.len(), COLUMNS.len());
    }
}
